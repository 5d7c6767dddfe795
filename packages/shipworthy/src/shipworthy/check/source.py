"""One file of the project: its text, its tree and what its names stand for."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from shipworthy.check.nodes import Function, dotted, every

ASCII = 128
APART = bytes(
    each if each >= ASCII or chr(each).isalnum() or chr(each) == "_" else ord(" ") for each in range(256)
)  # a table for `translate`
BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")


class Definition(NamedTuple):
    """A function or class of a file, by its path inside it."""

    name: str
    node: Function | ast.ClassDef
    owner: str | None


class Stored(NamedTuple):
    """An `x[key] = value`, and the path of the function that does it inside the file."""

    holder: str
    key: ast.expr
    where: str
    value: ast.expr


@dataclass(eq=False)
class Source:
    """A parsed module."""

    path: Path
    module: str
    text: str
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    values: dict[str, ast.expr] = field(default_factory=dict)
    annotations: dict[str, ast.expr] = field(default_factory=dict)
    globals: dict[str, list[str]] = field(default_factory=dict)  # the functions that set a value of the top
    states: list[tuple[str, str, ast.expr]] = field(default_factory=list)  # `app.state.x = ...`, and where
    stored: list[Stored] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Collect the imports of the file, the values of its top level and what it defines."""
        inner: dict[str, str] = {}
        self.read(self.tree, "", None, self.imports, inner)
        for name, target in inner.items():
            self.imports.setdefault(name, target)

    @property
    def lines(self) -> list[str]:
        """Its lines as the parser counts them."""
        return self.text.split("\n")

    @cached_property
    def words(self) -> set[str]:
        """Every word in it: names, keywords, and what strings and comments say; twice as fast as `re`."""
        return set(self.text.encode(errors="replace").translate(APART).decode().split())

    @cached_property
    def package(self) -> list[str]:
        """The names of the package it is in."""
        names = self.module.split(".")
        return names if self.path.name == "__init__.py" else names[:-1]

    @cached_property
    def folder(self) -> str:
        """The path of that package."""
        return ".".join(self.package)

    def read(
        self, node: ast.AST, prefix: str, owner: str | None, imports: dict[str, str], inner: dict[str, str]
    ) -> None:
        """Read the statements below a node; expressions define nothing."""
        for block in BLOCKS:
            for child in getattr(node, block, ()):
                match child:
                    case ast.Import() | ast.ImportFrom():
                        self.bring(child, imports)
                    case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                        if name == "__getattr__" and not prefix:
                            self.lazy(child, inner)
                        self.definitions.append(Definition(prefix + name, child, owner))
                        self.read(child, f"{prefix}{name}.", owner, inner, inner)
                    case ast.ClassDef(name=name):
                        self.definitions.append(Definition(prefix + name, child, owner))
                        self.read(child, f"{prefix}{name}.", prefix + name, inner, inner)
                    case ast.If() | ast.Try() | ast.With() | ast.For() | ast.AsyncFor() | ast.AsyncWith():
                        self.keep(child, prefix)
                        self.read(child, prefix, owner, imports, inner)
                    case ast.While() | ast.Match() | ast.match_case() | ast.ExceptHandler() | ast.TryStar():
                        self.read(child, prefix, owner, imports, inner)
                    case _:
                        self.keep(child, prefix)

    def lazy(self, function: Function, imports: dict[str, str]) -> None:
        """Remember what a module imports only when it is asked for, by the name it is asked for."""
        for each in every(function):
            if isinstance(each, ast.ImportFrom):
                names = [ast.alias(alias.name) for alias in each.names]
                self.bring(ast.ImportFrom(each.module, names, each.level), imports)

    def keep(self, statement: ast.AST, prefix: str) -> None:
        """Remember what a statement of the top level gives a value to, or that a function does."""
        self.put(statement, prefix[:-1])
        if not prefix:
            for name, value in assigned(statement):
                if name not in self.values or not is_none(value):  # `except: client = None` comes last
                    self.values[name] = value
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                self.annotations[statement.target.id] = statement.annotation
        elif isinstance(statement, ast.Global):
            for name in statement.names:
                self.globals.setdefault(name, []).append(prefix[:-1])

    def put(self, statement: ast.AST, where: str) -> None:
        """Remember what a statement puts into a dictionary, or into the state of an application."""
        match statement:
            case ast.Assign([ast.Attribute(ast.Attribute(attr="state"), name)], value):
                self.states.append((name, where, value))
            case ast.Expr(ast.Yield(ast.Dict(keys, values))):  # what a lifespan yields is `request.state`
                pairs = zip(keys, values, strict=True)
                self.states += [(str(getattr(key, "value", None)), where, value) for key, value in pairs]
            case ast.Assign([ast.Subscript(ast.Name() | ast.Attribute() as holder, key)], value):
                self.stored.append(Stored(dotted(holder) or "", key, where, value))

    def bring(self, node: ast.Import | ast.ImportFrom, imports: dict[str, str]) -> None:
        """Remember what an import brings; of alternatives the first is the one that is meant."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                imports.setdefault(alias.asname or top, alias.name if alias.asname else top)
            return
        base = self.package[: len(self.package) - node.level + 1] if node.level else []
        origin = ".".join([*base, *filter(None, [node.module])])
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(origin)
            else:
                imports.setdefault(alias.asname or alias.name, f"{origin}.{alias.name}")


def is_none(node: ast.expr) -> bool:
    """Whether it is `None`."""
    return isinstance(node, ast.Constant) and node.value is None


def assigned(statement: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The plain names a statement gives a value to."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from unpacked(target, value)
        case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
            yield name, value
        case ast.NamedExpr(ast.Name(name), value):
            yield name, value
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                if isinstance(item.optional_vars, ast.Name):
                    yield item.optional_vars.id, item.context_expr


def unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The plain names of a target, each with its part of the value."""
    if isinstance(target, ast.Name):
        yield target.id, value
    for position, each in enumerate(getattr(target, "elts", ())):
        if isinstance(each, ast.Starred):
            return
        yield from unpacked(each, part(value, position))


def part(value: ast.expr, position: int) -> ast.expr:
    """One of several values."""
    written = getattr(value, "elts", ())[position : position + 1]
    return written[0] if written else ast.copy_location(ast.Subscript(value, ast.Constant(position)), value)
