"""Startup and shutdown are handlers of the deprecated `on_event`.

They are not run when a `lifespan` is given, and what one opens no `with`
closes when the next one fails.

Bad:

    from fastapi import FastAPI

    app = FastAPI()

    @app.on_event("startup")
    async def start() -> None: ...

Good:

    from contextlib import asynccontextmanager
    from fastapi import FastAPI

    @asynccontextmanager
    async def lifespan(app):
        yield

    app = FastAPI(lifespan=lifespan)

It does not see an application handed through parameters without annotation.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.routes import ROUTERS
from shipworthy.check.rule import Call, Problem, World
from shipworthy.check.types import top_of

CODE = "SW301"
METHODS = {"on_event", "add_event_handler"}


def check(call: Call, world: World) -> Iterator[Problem]:
    """Ask what the method belongs to: other libraries have an `on_event` too."""
    func = call.node.func
    if isinstance(func, ast.Attribute) and func.attr in METHODS:
        scopes = [code for code in world.project.functions.values() if code.source is call.source]
        kinds = {world.types.of(func.value, scope) for scope in (top_of(call.source), *scopes)} - {None}
        if any(ROUTERS & set(world.types.bases(kind or "")) for kind in kinds):
            yield Problem(call.node, f"`{func.attr}` is deprecated; open resources in a `lifespan`")
