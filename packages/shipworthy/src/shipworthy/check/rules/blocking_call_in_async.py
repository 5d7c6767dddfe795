"""An `async def` route does work that blocks the event loop, itself or through what it calls.

One event loop serves every request of a worker. While it waits for a
synchronous database, a file or `requests`, nobody else is served.

Bad:

    import asyncio
    import time
    from fastapi import FastAPI

    app = FastAPI()

    def predict() -> float:
        time.sleep(1)
        return 0.5

    @app.get("/prediction")
    async def read_prediction() -> float:
        await asyncio.sleep(0)
        return predict()

Good:

    import asyncio
    import time
    from fastapi import FastAPI

    app = FastAPI()

    def predict() -> float:
        time.sleep(1)
        return 0.5

    @app.get("/prediction")
    async def read_prediction() -> float:
        return await asyncio.to_thread(predict)

It does not see objects whose class only their library knows, sinks that are
not in the catalogue, and work that is slow for want of processor time.
"""

from collections.abc import Iterator

from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.sinks import SINKS

CODE = "SW101"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "error", "high"


def check(route: Route, world: World) -> Iterator[Problem]:
    """Follow the calls of an async handler to a sink."""
    chain = world.blocking.chain(route.code.name)
    if route.is_async and chain:
        sink = chain[-1].callee
        name = route.code.node.name
        message = f"`{name}` blocks the event loop: it reaches `{sink}`; await `{SINKS[sink]}` instead"
        yield Problem(chain[0].node, message, tuple(chain))
