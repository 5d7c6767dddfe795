"""Every website may read the answers: CORS allows the origin `*`, or does so unless it is told otherwise.

With `allow_credentials=True` any page a user visits acts in the user's name.
A setting that defaults to `*` is `*` in every deployment that forgets it. A
public API without credentials may want this: ignore it there, with the reason.

Bad:

    from fastapi import FastAPI
    from fastapi.middleware.cors import CORSMiddleware

    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)

Bad:

    import os
    from fastapi import FastAPI
    from fastapi.middleware import Middleware
    from fastapi.middleware.cors import CORSMiddleware

    origins = os.getenv("ORIGINS", "*").split(",")
    app = FastAPI(middleware=[Middleware(CORSMiddleware, allow_origins=origins)])

Good:

    from fastapi import FastAPI
    from fastapi.middleware.cors import CORSMiddleware

    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example.com"])

It does not see origins that are read from a file or a database, nor headers
that the project's own middleware writes.

Shipworthy's own service allows no origin until one is named.

Measured on 39 public repositories: 26 told, 26 read, 26 right. Of the labelled
cases it finds 6 of 6, with no false alarms.
On 48 repositories that it was not tuned on: 30 read, 30 right, and one missed:
a class that inherits from the middleware, which is seen now.
On 21 others, drawn by chance: 13 of the 13 labelled found, with no false alarms.
On 35 others, drawn by chance: 9 of the 9 labelled found, 12 read, 11 right; the
other allowed every origin only if a setting was `*`, and is no longer told.
"""

import ast
import re
from collections.abc import Iterator

from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.rule import Problem, World
from shipworthy.check.types import locals_of, top_of
from shipworthy.check.values import Value
from shipworthy.check.walk import Call

CODE = "SW302"
PRACTICE, SEVERITY, CONFIDENCE = "CORS origins", "error", "high"
CALLS = {"CORSMiddleware"}
OPTIONS = ("allow_origins", "allow_origin_regex", "allow_credentials")
Options = dict[str | None, tuple[ast.expr, Code]]  # each with where it is written
MIDDLEWARE = ("middleware.cors.CORSMiddleware", "cors.CORSMiddleware")
STRANGERS = ("https://somebody.example", "http://10.1.2.3:8080")


def check(call: Call, world: World) -> Iterator[Problem]:
    """Look at what the origins of a CORSMiddleware may be worth."""
    named = [dotted(argument) for argument in (*call.node.args, call.node.func)]
    if not any(is_middleware(name, call, world) for name in named if name):
        return
    options = options_of(call, world)
    origins, patterns, allowed = (
        list(world.values.of(*options[name])) if name in options else [] for name in OPTIONS
    )
    extra = ", with credentials" if any(value.value is True for value in allowed) else ""
    stars = [value for value in origins if is_star(value)]
    if any(not value.default for value in stars):
        yield Problem(call.node, f"CORS allows every origin{extra}; name the origins of your frontends")
    elif stars:
        told = f"`{stars[0].setting}` says" if stars[0].setting else "it is told"
        yield Problem(call.node, f"CORS allows every origin{extra} unless {told} otherwise; default to none")
    elif any(map(matches_all, patterns)):
        yield Problem(call.node, f"the CORS pattern matches every origin{extra}; name your frontends")


def is_middleware(name: str, call: Call, world: World) -> bool:
    """Whether it is the middleware, or a class of the project that inherits from it."""
    return any(
        each.endswith(MIDDLEWARE) for each in world.types.bases(world.project.resolve(name, call.source))
    )


def options_of(call: Call, world: World) -> Options:
    """The keywords of a call, with those of `**options`."""
    options: Options = {}
    for keyword in call.node.keywords:
        for value, code in unpacked(keyword.value, call, world) if keyword.arg is None else ():
            options |= given(value, code)
        if keyword.arg:
            options[keyword.arg] = keyword.value, call.code
    return options


def unpacked(node: ast.expr, call: Call, world: World) -> Iterator[tuple[ast.expr, Code]]:
    """What `**options` may be: written there, a local variable, or a value of a module."""
    if not isinstance(node, ast.Name):
        yield node, call.code
        return
    yield from ((each, call.code) for each in locals_of(call.code.node).get(node.id, ()))
    module, _, name = world.project.resolve(node.id, call.source).rpartition(".")
    source = world.project.sources.get(module)
    if source and name in source.values:
        yield source.values[name], top_of(source)


def given(value: ast.expr, code: Code) -> Options:
    """The options in a dictionary, in `dict(...)`, or in the fields of `Settings().model_dump()`."""
    match value:
        case ast.Dict(keys, values):
            pairs = zip(keys, values, strict=True)
            return {str(key.value): (each, code) for key, each in pairs if isinstance(key, ast.Constant)}
        case ast.Call(func=ast.Attribute(owner, "dict" | "model_dump")):
            return {name: (ast.Attribute(owner, name, ast.Load()), code) for name in OPTIONS}
        case ast.Call(keywords=keywords):
            return {each.arg: (each.value, code) for each in keywords}
    return {}


def is_star(value: Value) -> bool:
    """Whether it is `*`, alone or in a list written as text."""
    return isinstance(value.value, str) and "*" in re.split(r"[\s,;\"\[\]']+", value.value)


def matches_all(value: Value) -> bool:
    """Whether a pattern lets strangers in."""
    try:
        return isinstance(value.value, str) and all(re.fullmatch(value.value, each) for each in STRANGERS)
    except re.error:
        return False
