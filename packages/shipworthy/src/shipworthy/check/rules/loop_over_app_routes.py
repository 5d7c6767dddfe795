"""A loop over `app.routes` looks for `APIRoute`, and finds none of those that were included.

Since FastAPI 0.137 `routes` is a tree: an included router is one entry. The
loop does nothing, and says nothing. A project that keeps an older version is
left alone.

Bad:

    from fastapi import FastAPI
    from fastapi.routing import APIRoute

    app = FastAPI()

    def name_operations() -> None:
        for route in app.routes:
            if isinstance(route, APIRoute):
                route.operation_id = route.name

Good:

    from fastapi import FastAPI
    from fastapi.routing import APIRoute

    def operation_id(route: APIRoute) -> str:
        return route.name

    app = FastAPI(generate_unique_id_function=operation_id)

It does not see loops that do not ask for the class, and leaves those over the
routes of one router alone.

Shipworthy's own service asks `iter_route_contexts`, and a test compares with
the document.

Measured on 39 public repositories: 4 told, 4 read, 4 right.
On 48 repositories that it was not tuned on: 6 read, 1 right; the others keep a
version of FastAPI in which the loop works, and are no longer told.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.nodes import dotted
from shipworthy.check.pins import keeps_below
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import Source
from shipworthy.check.types import top_of
from shipworthy.check.walk import APPS

CODE = "SW306"
PRACTICE, SEVERITY, CONFIDENCE = "current APIs", "warning", "high"
CLASSES = {"fastapi.routing.APIRoute", "fastapi.APIRoute"}
SINCE = (0, 137)  # the version of FastAPI in which routes became a tree
LOOPS = ast.For | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def check(source: Source, world: World) -> Iterator[Problem]:
    """Look for loops over the routes of an application that ask for the class of a route."""
    spoken = ".routes" in source.text and "APIRoute" in source.text
    for node in ast.walk(source.tree) if spoken and not keeps_below("fastapi", source.path, SINCE) else ():
        if isinstance(node, LOOPS):
            over = node.iter if isinstance(node, ast.For) else node.generators[0].iter
            asks = any(is_question(each, source, world) for each in ast.walk(node))
            if (
                asks
                and isinstance(over, ast.Attribute)
                and over.attr == "routes"
                and is_app(over.value, source, world)
            ):
                yield Problem(
                    over, "this sees no included route; use `fastapi.routing.iter_route_contexts()`"
                )


def is_app(node: ast.expr, source: Source, world: World) -> bool:
    """Whether it is an application, by its class or else by its name; a router knows its own routes."""
    kind = world.types.of(node, top_of(source))
    if kind:
        return bool(APPS & set(world.types.bases(kind)))
    return (dotted(node) or "").rpartition(".")[2].lower() in {"app", "application", "fastapi_app"}


def is_question(node: ast.AST, source: Source, world: World) -> bool:
    """Whether it is `isinstance(route, APIRoute)`."""
    match node:
        case ast.Call(func=ast.Name("isinstance"), args=[_, named]):
            return world.project.resolve(dotted(named) or "", source) in CLASSES
    return False
