"""The return type of a handler that always returns the same kind of thing."""

import ast

from shipworthy.check.fix import Fix
from shipworthy.check.fixes.routes import returns
from shipworthy.check.nodes import dotted
from shipworthy.check.responses import returned
from shipworthy.check.routes import Route
from shipworthy.check.rule import World
from shipworthy.check.source import Source

MODEL = "pydantic.BaseModel"


def return_type(route: Route, world: World) -> Fix | None:
    """An annotation, if each `return` asks for the same one."""
    function = route.code.node
    kinds = {kind_of(value, route, world) for value in returned(route.code)}
    if len(kinds) != 1 or not isinstance(function.body[-1], ast.Return):
        return None
    [kind] = kinds
    return returns(route.code.source, function, kind) if kind else None


def kind_of(value: ast.expr, route: Route, world: World) -> str | None:
    """What to write for a value: a plain type, a dictionary of one, or a model made on the spot."""
    match value:
        case ast.Call(func) if (name := dotted(func)) and is_model(name, route, world):
            return (
                name if visible(name.partition(".")[0], route.code.source, route.code.node.lineno) else None
            )
        case ast.Dict(keys, values) if keys:
            return dictionary(keys, values)
    return plain(value)


def dictionary(keys: list[ast.expr | None], values: list[ast.expr]) -> str | None:
    """A dictionary of literals of one type."""
    kinds = {plain(each) for each in values}
    if len(kinds) > 1 or None in kinds or {plain(key) for key in keys} != {"str"}:
        return None
    return f"dict[str, {kinds.pop()}]"


def plain(value: ast.expr | None) -> str | None:
    """The type of a literal."""
    match value:
        case ast.JoinedStr():
            return "str"
        case ast.Constant(bool() | int() | float() | str() as constant):
            return type(constant).__name__
    return None


def is_model(name: str, route: Route, world: World) -> bool:
    """Whether a name is a model of the project."""
    path = world.project.resolve(name, route.code.source)
    return path in world.project.classes and MODEL in world.types.bases(path)


def visible(name: str, source: Source, line: int) -> bool:
    """Whether a name is known at the top of the file before a line."""
    above = [node for node in source.tree.body if node.lineno < line]
    imported = {
        alias.asname or alias.name.partition(".")[0]
        for node in above
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return name in imported or any(isinstance(node, ast.ClassDef) and node.name == name for node in above)
