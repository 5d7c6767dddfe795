"""Whether a POST creates something that has a place of its own afterwards, as opposed to a remote call."""

import ast

from shipworthy.check.nodes import dotted, own_nodes, without_await
from shipworthy.check.responses import returned
from shipworthy.check.routes import Route
from shipworthy.check.words import last_segment, parts, singular, words
from shipworthy.check.world import World

CREATES = {"create", "insert", "register", "signup"}
THERE = {  # what one does with something that is there already, if by way of a new version or a copy
    "get", "read", "fetch", "load", "update", "edit", "patch", "replace", "save", "set", "sync", "restore",
}  # fmt: skip
TURNS = {"toggle", "mark", "switch", "ensure", "upsert", "merge", "change", "seed", "init", "sync", "move"}
ADDS = {"add", "new", "submit", "record", "duplicate", "clone", "copy", "make", "post"}
WORKS = {"collect", "import", "bulk", "fetch", "pull", "sync", "crawl"}  # on many at once
HEARS = {"webhook", "hook", "callback", "track", "event"}  # what others tell, who want to hear 200
SHORTEST = 4
RELATES = {"to", "into", "from", "for", "in", "on"}
COMPUTED = {  # what is made of the input and kept nowhere
    "token", "completion", "completions", "embedding", "embeddings", "speech", "transcription",
    "moderation", "transcriptions", "translation", "translations", "preview", "rerank", "response",
    "pdf", "signature", "hash",
}  # fmt: skip
ACTIONS = {  # a path that ends in one of these is a remote call
    "apply", "calculate", "check", "complete", "completions", "execute", "export", "generate",
    "login", "logout", "preview", "process", "query", "refresh", "render", "reset", "run", "search",
    "send", "start", "stop", "sync", "test", "token", "validate", "verify",
}  # fmt: skip


def creates(route: Route, world: World) -> bool:
    """Judge by the words of the handler, then by those of the path, then by what it does."""
    name, end = split_sign_up(words(route.code.node.name)), last_segment(route.path)
    if route.method != "post" or COMPUTED & {name[-1]} or ACTIONS & set(end[:1]) or "or" in name:
        return False
    if is_named(route, name, end):
        return True
    return not ((THERE | TURNS) & {name[0]} or HEARS & set(name)) and fills(route, world)


def fills(route: Route, world: World) -> bool:
    """Whether it adds a row, or a document, of what its path ends with, or that its verb is about."""
    verb = words(route.code.node.name)[0]
    ends = [each for each in map(subject, route.full_paths) if each[0] not in ACTIONS | WORKS | {verb}]
    added = (
        {singular(words(each)[-1]) for each in world.added.by(route.code) if words(each)} if ends else set()
    )
    about = {singular(each[-1]) for each in ends}
    return bool(added & about) or any(each.startswith(stem(verb)) for each in added)


def subject(path: str) -> list[str]:
    """The words of the last part of a path that is neither a parameter nor says that something is added."""
    named = [each for each in map(words, parts(path)) if each and each[0] not in ADDS | CREATES]
    return named[-1] if named else ["/"]


def stem(verb: str) -> str:
    """What `subscribe` has in common with a `Subscription`, and `invite` with an `Invitation`."""
    return verb[: max(SHORTEST, len(verb) - 2)]


def is_named(route: Route, name: list[str], end: list[str]) -> bool:
    """Judge by the words of the handler, then by those of the path, then by what it hands its request to."""
    if name[0] in CREATES or name[1:2] == ["create"] or (name[-1] in CREATES and "re" not in name):
        return True
    if name[0] == "add":
        relates = RELATES & set(name) and end
        return not relates and "add" not in end and not ends_in_parameter(route.path)
    if not end:
        return bool(made(route))
    return (end[0] in CREATES and name[-1] in end) or (name[0] not in THERE and name[-1] in made(route))


def split_sign_up(name: list[str]) -> list[str]:
    """`sign_up` is one word."""
    return ["signup", *name[2:]] if name[:2] == ["sign", "up"] else name


def ends_in_parameter(path: str | None) -> bool:
    """Whether a path names one thing that is there already."""
    return bool(path) and str(path).rstrip("/").endswith("}")


def made(route: Route) -> list[str]:
    """The words of `create_order`, if a POST answers with what that gives."""
    answers = [without_await(each) for each in returned(route.code)]
    values = {
        target.id: node.value.value if isinstance(node.value, ast.Await) else node.value
        for node in own_nodes(route.code.node)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = [values.get(each.id, each) if isinstance(each, ast.Name) else each for each in answers]
    called = [(dotted(each.func) or "").rpartition(".")[2] for each in given if isinstance(each, ast.Call)]
    found = (words(name) for name in called if name)
    return next((each for each in found if each[:1] in (["create"], ["insert"])), [])
