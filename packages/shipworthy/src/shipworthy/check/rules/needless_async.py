"""A route is `async def` and awaits nothing, yet does real work.

It gains nothing from the event loop, and whatever slow call is added to it
later stops every other request; as a plain `def` it runs in a thread.

Bad:

    from fastapi import FastAPI

    app = FastAPI()

    def total() -> int:
        return 3

    @app.get("/total")
    async def read_total() -> int:
        return total()

Good:

    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/health")
    async def health() -> str:
        return "ok"

It does not see that a call is too quick to be worth a thread.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.fixes.routes import plain
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import own_nodes

CODE = "SW102"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "warning", "high"
WAITS = ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield


def check(route: Route, world: World) -> Iterator[Problem]:
    """Look for anything a coroutine is needed for; work that blocks is one more reason for a thread."""
    nodes = list(own_nodes(route.code.node))
    waits = any(isinstance(node, WAITS) or getattr(node, "is_async", 0) for node in nodes)
    works = any(
        world.types.callee(node.func, route.code) in world.project.functions
        for node in nodes
        if isinstance(node, ast.Call)
    )
    blocks = world.blocking.chain(route.code.name)
    if route.is_async and (works or blocks) and not waits:
        message = f"`{route.code.node.name}` awaits nothing; make it a plain `def`"
        yield Problem(route.decorator, message, fix=plain(route.code.source, route.code.node))
