"""The routes of a project, wherever they are declared."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from shipworthy.check.project import Code, Project
from shipworthy.check.types import Types, top_of

METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}
ROUTERS = {
    "fastapi.APIRouter",
    "fastapi.FastAPI",
    "fastapi.routing.APIRouter",
    "fastapi.applications.FastAPI",
}


@dataclass(frozen=True)
class Route:
    """A handler and the decorator that registers it."""

    code: Code
    decorator: ast.Call
    method: str

    def option(self, name: str) -> ast.expr | None:
        """What the decorator says about `name`."""
        return next((each.value for each in self.decorator.keywords if each.arg == name), None)

    @property
    def path(self) -> str | None:
        """The path as written in the decorator, if it is a literal."""
        written = self.decorator.args[0] if self.decorator.args else self.option("path")
        return written.value if isinstance(written, ast.Constant) and isinstance(written.value, str) else None

    @property
    def is_async(self) -> bool:
        """Whether it runs on the event loop."""
        return isinstance(self.code.node, ast.AsyncFunctionDef)


def find(project: Project, types: Types) -> Iterator[Route]:
    """One route for each decorator: stacked ones are several."""
    for code in project.functions.values():
        for decorator in code.node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(value=receiver, attr=method)) if method in METHODS:
                    if is_router(receiver, code, project, types):
                        yield Route(code, decorator, method)


def is_router(node: ast.expr, code: Code, project: Project, types: Types) -> bool:
    """Whether an expression is an application or a router; inside a factory its own variables count."""
    outer = project.functions.get(code.name.rpartition(".")[0]) or top_of(code.source)
    kind = types.of(node, outer)
    return bool(kind) and bool(ROUTERS & set(types.bases(kind or "")))
