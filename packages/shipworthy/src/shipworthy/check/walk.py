"""What is in a file, for rules to ask for by the type of their first parameter."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from shipworthy.check.mentions import Mentions
from shipworthy.check.nodes import Function, below, dotted, touches
from shipworthy.check.project import Code, Project
from shipworthy.check.source import Source
from shipworthy.check.types import Types, top_of

APPS = {"fastapi.FastAPI", "fastapi.applications.FastAPI"}
DEPENDS = {"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security"}


@dataclass(frozen=True)
class Call:
    """A call anywhere in a file, and the function it is in (or the top of the module)."""

    node: ast.Call
    source: Source
    code: Code


@dataclass(frozen=True)
class App(Call):
    """Where an application is made."""

    @property
    def is_assembled(self) -> bool:
        """Whether it is made by a function, or its file puts routers into it."""
        made = self.code.node.name != "top" or self.code.owner is not None
        return made or any(
            each in self.source.text for each in ("include_router", ".mount(", "add_api_route")
        )


@dataclass(frozen=True)
class Dependency(Call):
    """A `Depends(...)`, and the path of what it names."""

    target: str | None

    def option(self, name: str) -> ast.expr | None:
        """What it says about `name`."""
        return next((each.value for each in self.node.keywords if each.arg == name), None)


@dataclass(frozen=True)
class Class:
    """A class of the project."""

    name: str
    node: ast.ClassDef
    source: Source


Seen = Source | Code | Class | Call  # with what a Call may be besides
MEANT = {path.rpartition(".")[2] for path in APPS | DEPENDS}


def walk(
    project: Project, types: Types, marks: Collection[str] | None = None
) -> Iterator[tuple[Seen, Source]]:
    """Everything in every file, once; of calls only those that say what is asked for, if anything is."""
    codes = {code.node: code for code in project.functions.values()}
    for code in codes.values():
        yield code, code.source
    for name, (node, source) in project.classes.items():
        yield Class(name, node, source), source
    mentions = None if marks is None else Mentions({*marks, *MEANT}, project)
    for source in project.sources.values():
        yield source, source
        lines = mentions.lines(source) if mentions else None
        yield from ((seen, source) for call in calls(source, codes, lines) for seen in roles(call, types))


def calls(source: Source, codes: dict[Function, Code], lines: list[int] | None = None) -> Iterator[Call]:
    """The calls in a file, or on some lines; decorators and defaults run outside their function."""
    todo: list[tuple[ast.AST, Code]] = [(source.tree, top_of(source))] if lines is None or lines else []
    while todo:
        node, code = todo.pop()
        if lines is not None and not touches(node, lines):
            continue
        if isinstance(node, ast.Call):
            yield Call(node, source, code)
        body = codes.get(node, code) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else code
        todo += [(child, body if isinstance(child, ast.stmt) else code) for child in below(node)]


def roles(call: Call, types: Types) -> Iterator[Call]:
    """A call, and what it is besides."""
    yield call
    written = dotted(call.node.func)
    if not written or not looks_like_a_class(written, call.source):
        return
    path = types.callee(call.node.func, call.code)
    if path in DEPENDS:
        named = call.node.args[0] if call.node.args else None
        yield Dependency(call.node, call.source, call.code, types.callee(named, call.code) if named else None)
    elif path and APPS & set(types.bases(path)):
        yield App(call.node, call.source, call.code)


def looks_like_a_class(written: str, source: Source) -> bool:
    """Whether it is worth asking what is called."""
    head, _, rest = written.rpartition(".")
    return rest[:1].isupper() or source.imports.get(head or rest, "").startswith("fastapi")
