"""The routes of a project, wherever they are declared."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from shipworthy.check.needs import Need, needs_in, needs_of
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code, Project
from shipworthy.check.routers import ROUTERS, Routers
from shipworthy.check.scopes import nodes_of, parameters
from shipworthy.check.source import Source
from shipworthy.check.types import Types, top_of

__all__ = ["METHODS", "ROUTERS", "Route", "find", "is_router"]
METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}
REGISTERS = {"api_route", "add_api_route"}
USUAL = ("app", "router", "api", "route", "routes")


@dataclass(frozen=True)
class Route:
    """A handler and the call that registers it."""

    code: Code
    decorator: ast.Call
    method: str
    prefixes: tuple[str, ...] = ()  # of the routers around it; several where a router is included twice
    dependencies: tuple[Need, ...] = field(default=(), repr=False)
    source: Source | None = field(default=None, repr=False)  # the file that registers it

    def option(self, name: str) -> ast.expr | None:
        """What the decorator says about `name`."""
        return next((each.value for each in self.decorator.keywords if each.arg == name), None)

    @property
    def path(self) -> str | None:
        """The path as written in the decorator, if it is a literal."""
        written = self.decorator.args[0] if self.decorator.args else self.option("path")
        return written.value if isinstance(written, ast.Constant) and isinstance(written.value, str) else None

    @property
    def full_path(self) -> str | None:
        """The path with the prefixes of its routers; what is only known at run time reads `{?}`."""
        return self.full_paths[0] if self.path is not None else None

    @property
    def full_paths(self) -> list[str]:
        """The same, once for each way its router is included."""
        return [prefix + (self.path or "") for prefix in self.prefixes or ("",)]

    @property
    def is_async(self) -> bool:
        """Whether it runs on the event loop."""
        return isinstance(self.code.node, ast.AsyncFunctionDef)


def find(project: Project, types: Types) -> Iterator[Route]:
    """One route for each decorator: stacked ones are several."""
    routers = Routers(project, types)
    for code in list(project.functions.values()):
        for decorator in code.node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in METHODS | REGISTERS:
                    around = types.outer(code) or top_of(code.source)
                    if is_router(receiver, decorator, around, types):
                        yield route(code, decorator, routers.identity(receiver, around), around, routers)
                case ast.Call(func=ast.Name(name)) if code.owner and is_marker(name, code.source, project):
                    yield route(code, decorator, f"{code.owner}.router", top_of(code.source), routers)
    for source in project.sources.values():
        if "add_api_route" in source.text:
            yield from added(source, project, types, routers)


def is_marker(name: str, source: Source, project: Project) -> bool:
    """Whether a library for class-based views decorates methods with it, as `@get("/items")` does."""
    path = project.resolve(name, source)
    library, method = path.partition(".")[0], path.rpartition(".")[2]
    return method in METHODS and "fastapi" in library and path not in project.functions


def route(code: Code, call: ast.Call, router: str | None, around: Code, routers: Routers) -> Route:
    """A route with what its routers add."""
    name = (dotted(call.func) or "").rpartition(".")[2]
    listed = next((each.value for each in call.keywords if each.arg == "methods"), None)
    named = [each.value for each in getattr(listed, "elts", []) if isinstance(each, ast.Constant)]
    method = name if name in METHODS else str(named[0]).lower() if named else "get"
    needs = [
        *needs_of(code, routers.types),
        *needs_in(call, around, routers.types),
        *(routers.needs(router) if router else ()),
    ]
    prefixes = tuple(routers.prefixes(router)) if router else ()
    return Route(code, call, method, prefixes, tuple(needs), around.source)


def added(source: Source, project: Project, types: Types, routers: Routers) -> Iterator[Route]:
    """The routes that `add_api_route` registers."""
    for code in [top_of(source), *project.inside.get(source, ())]:
        nodes = ast.walk(source.tree) if code.node.name == "top" and not code.owner else nodes_of(code.node)
        for node in nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=receiver, attr="add_api_route")):
                    handler = endpoint(node, code, types)
                    if handler and is_router(receiver, node, code, types):
                        yield route(handler, node, routers.identity(receiver, code), code, routers)


def endpoint(node: ast.Call, code: Code, types: Types) -> Code | None:
    """The handler that a call registers."""
    given = next((each.value for each in node.keywords if each.arg == "endpoint"), None)
    named = given or (node.args[1] if len(node.args) > 1 else None)
    path = types.bound(named, code) if named else None
    return types.function(path) if path else None


def is_router(node: ast.expr, call: ast.Call, code: Code, types: Types) -> bool:
    """Whether an expression is an application or a router; what is passed in is known by name only."""
    kind = types.infer(node, code)
    if kind:
        return bool(ROUTERS & set(types.bases(kind)))
    written = (dotted(node) or "").rpartition(".")[2].lower()
    first = call.args[0] if call.args else None
    literal = (
        isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value[:1] in {"", "/"}
    )
    passed = isinstance(node, ast.Name) and node.id in parameters(code.node)
    known = types.project.uses_fastapi if passed else "fastapi" in code.source.text
    return literal and written.endswith(USUAL) and known
