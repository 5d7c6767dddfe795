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

from shipworthy.check.blocking import Step
from shipworthy.check.needs import below
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.sinks import twin

CODE = "SW101"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "error", "high"


def check(route: Route, world: World) -> Iterator[Problem]:
    """Follow the calls of an async handler, and of the async dependencies around any handler, to a sink."""
    name = route.code.node.name
    chain = world.blocking.chain(route.code.name) if route.is_async else []
    if chain:
        yield Problem(chain[0].node, f"`{name}` blocks the event loop: {advice(chain)}", tuple(chain))
        return
    for steps in asked(route, world):
        yield Problem(
            steps[0].node, f"a dependency of `{name}` blocks the event loop: {advice(steps)}", steps
        )
        return


def asked(route: Route, world: World) -> Iterator[tuple[Step, ...]]:
    """The chains that begin in what a route depends on, directly or not."""
    for need in route.dependencies:
        for each in below(need, world.types):
            chain = world.blocking.chain(each.provider.name) if each.is_async and each.provider else []
            if chain and each.provider:
                here = route.code.node.lineno <= need.node.lineno <= (route.code.node.end_lineno or 0)
                node = need.node if here and need.own else route.decorator
                yield (Step(route.code.source, node, each.provider.name), *chain)


def advice(chain: list[Step] | tuple[Step, ...]) -> str:
    """What it reaches, and what to do instead."""
    sink = chain[-1].callee
    other = twin(sink) or ""
    does = "hand it to" if other.startswith("anyio.to_thread") else "await"
    return f"it reaches `{sink}`; {does} `{other}` instead"
