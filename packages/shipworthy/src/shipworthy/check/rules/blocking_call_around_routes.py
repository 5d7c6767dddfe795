"""A middleware, an exception handler or a WebSocket endpoint does work that blocks the event loop.

They run on the same loop as the routes: while a middleware waits for a
synchronous client, or a WebSocket endpoint sleeps, nobody else is served.

Bad:

    import time
    from fastapi import FastAPI, WebSocket

    app = FastAPI()

    @app.websocket("/ticks")
    async def tick(socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text("tick")
            time.sleep(1)

Good:

    import asyncio
    from fastapi import FastAPI, WebSocket

    app = FastAPI()

    @app.websocket("/ticks")
    async def tick(socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_text("tick")
            await asyncio.sleep(1)

It does not see what SW101 does not see either.

Middleware and handlers of Shipworthy's own service wait for nothing.

Measured on 46 public repositories: 26 told, 18 read, 18 right.
On 53 others: 14 told, 14 read, 14 right.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.rule import Problem, World
from shipworthy.check.rules.base_http_middleware import inherits
from shipworthy.check.rules.blocking_call_in_async import problems
from shipworthy.check.walk import Call, Class

CODE = "SW108"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "error", "high"
MIDDLEWARE, HANDLER = ", a middleware,", ", an exception handler,"
ROLES = {
    "middleware": MIDDLEWARE,
    "exception_handler": HANDLER,
    "websocket": ", a WebSocket endpoint,",
    "websocket_route": ", a WebSocket endpoint,",
}
ADDS = {"add_middleware": MIDDLEWARE, "Middleware": MIDDLEWARE, "add_exception_handler": HANDLER}
CALLS = {*ADDS}
NAMED = {"dispatch", "handler"}  # options that name the function


def check(found: Code | Class | Call, world: World) -> Iterator[Problem]:
    """Follow what is decorated, inherits from a middleware, or is added by a call."""
    for code, role in around(found, world):
        if isinstance(code.node, ast.AsyncFunctionDef):
            yield from problems(code, world, role)


def around(found: Code | Class | Call, world: World) -> Iterator[tuple[Code, str]]:
    """The functions that the application runs besides its routes, and what they are to it."""
    functions = world.project.functions
    match found:
        case Code():
            written = [each.func for each in found.node.decorator_list if isinstance(each, ast.Call)]
            names = [each.attr for each in written if isinstance(each, ast.Attribute)]
            yield from ((found, ROLES[name]) for name in names if name in ROLES)
        case Class():
            method = functions.get(f"{found.name}.dispatch") if inherits(found, world) else None
            yield from [(method, MIDDLEWARE)] if method else []
        case Call() if (adds := (dotted(found.node.func) or "").rpartition(".")[2]) in ADDS:
            role = ADDS[adds]
            named = [each.value for each in found.node.keywords if each.arg in NAMED]
            for each in named or found.node.args[-1:]:
                path = world.types.callee(each, found.code) or ""
                code = functions.get(f"{path}.__call__") or functions.get(path)
                yield from [(code, role)] if code else []
