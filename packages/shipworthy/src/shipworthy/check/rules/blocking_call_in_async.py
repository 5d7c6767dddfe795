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

What only computes, and what is more than six calls away, is told with
`--pedantic`; to hash a password takes long on purpose, and is told always.
It does not see objects whose class only their library knows, sinks that are not
in the catalogue, what a lambda does, and that a branch is not taken; where one of several classes
fills in an abstract one, or follows a protocol, all of them have to block.

Shipworthy's own service awaits its database, and hashes passwords in a thread.

Measured on 46 public repositories: 2496 told, 36 read, 35 right. Of the labelled
cases it finds 6 of 6, with no false alarms.
On 48 repositories that it was not tuned on: 85 read, 78 right. Four of the
seven false ones waited the first time only, and are no longer told.
On 18 others, drawn by chance: 32 read, 31 right; a spreadsheet was written into
memory. Of the passwords hashed on the 46, 15 read, 15 right.
On 21 others, drawn by chance: 24 of the 28 labelled found, 26 read, 26 right.
The four had a base class that keeps the client, a fallback of `None`, a type of
boto3's stubs; they are found now.
On 35 others, drawn by chance: 44 of the 48 labelled found, 14 read, 14 right.
The four had decorators of the project that ask Redis around every call, and the
collection that Chroma keeps; they are found now.
"""

from collections.abc import Iterator

from shipworthy.check.blocking import Step
from shipworthy.check.needs import below
from shipworthy.check.project import Code
from shipworthy.check.routes import Route
from shipworthy.check.rule import Confidence, Problem, World
from shipworthy.check.sinks import twin

CODE = "SW101"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "error", "high"
FAR = 6  # calls: what is further away is often a path that few requests take


def check(route: Route, world: World) -> Iterator[Problem]:
    """Follow the calls of an async handler to a sink; an async dependency is told where it blocks."""
    if route.is_async:
        yield from problems(route.code, world, "")
    for need in route.dependencies:
        for each in below(need, world.types):
            if each.is_async and each.provider:
                yield from problems(each.provider, world, ", a dependency,")


def problems(code: Code, world: World, role: str) -> Iterator[Problem]:
    """What a function reaches, and what to do instead; what only computes is less certain to matter."""
    for computing in (False, True):
        chain = world.blocking.chain(code.name, computing=computing)
        if chain:
            doubt: Confidence | None = None if len(chain) <= FAR and not computing else "medium"
            yield Problem(chain[0].node, message(code, chain, role), tuple(chain), doubt, code.source)
            return


def message(code: Code, chain: list[Step], role: str) -> str:
    """What is wrong, and what to do."""
    sink = chain[-1].callee
    other = twin(sink) or ""
    does = "hand it to" if other.startswith("anyio.to_thread") else "await"
    return f"`{code.node.name}`{role} blocks the event loop: it reaches `{sink}`; {does} `{other}` instead"
