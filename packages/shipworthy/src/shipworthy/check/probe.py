"""Lists the routes of an application. Runs alone in the Python of a project: it imports nothing of ours."""

import functools
import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def load(name: str) -> Any:  # noqa: ANN401
    """The application; a factory is called."""
    module, _, attribute = name.partition(":")
    found: Any = importlib.import_module(module)
    for part in attribute.removesuffix("()").split("."):
        found = getattr(found, part)
    return found if hasattr(found, "routes") else found()


def routes_of(app: Any) -> Iterator[Any]:  # noqa: ANN401
    """Every route: a tree since FastAPI 0.137, a flat list before."""
    walk = getattr(importlib.import_module("fastapi.routing"), "iter_route_contexts", None)
    yield from walk(app.routes) if walk else app.routes


def function_of(endpoint: Any) -> Any:  # noqa: ANN401
    """The function that was written, behind wrappers."""
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    written = inspect.unwrap(endpoint)
    written = getattr(written, "__func__", written)
    return written if hasattr(written, "__code__") else type(written).__call__


def described(app: Any) -> Iterator[dict[str, object]]:  # noqa: ANN401
    """Each method of each route with its handler; what FastAPI adds itself (docs, HEAD) is left out."""
    for route in routes_of(app):
        endpoint, methods = getattr(route, "endpoint", None), getattr(route, "methods", None)
        if endpoint is None or not methods:
            continue
        function = function_of(endpoint)
        code = getattr(function, "__code__", None)
        if code is None or function.__module__.startswith("fastapi."):
            continue
        name = function.__qualname__.replace(".<locals>", "")
        place = {"file": code.co_filename, "line": code.co_firstlineno}
        for method in sorted(methods):
            yield {"method": method, "path": route.path, "handler": name, **place}


def run(app: str, answer: str, *folders: str) -> None:
    """Import the application from some folders and write what it serves."""
    sys.path[:1] = [each for folder in folders for each in (folder, str(Path(folder, "src")))]
    Path(answer).write_text(json.dumps(list(described(load(app)))), encoding="utf-8")


if __name__ == "__main__":
    run(*sys.argv[1:])
