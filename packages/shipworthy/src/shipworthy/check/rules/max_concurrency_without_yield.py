"""A limit on concurrent requests that limits nothing: `max_concurrency` on a dependency without `yield`.

The place is given back when the dependency is done. One that returns is done
before the route starts, so any number of routes runs at once.

Bad:

    from typing import Annotated
    from fastapi import Depends, FastAPI

    app = FastAPI()

    async def get_model() -> str:
        return "model"

    @app.get("/prediction")
    async def predict(model: Annotated[str, Depends(get_model, max_concurrency=4)]) -> str:
        return model

Good:

    from collections.abc import AsyncIterator
    from typing import Annotated
    from fastapi import Depends, FastAPI

    app = FastAPI()

    async def get_model() -> AsyncIterator[str]:
        yield "model"

    @app.get("/prediction")
    async def predict(model: Annotated[str, Depends(get_model, max_concurrency=4)]) -> str:
        return model

It does not see dependencies of other libraries.

Shipworthy's own service counts requests in slots of its own, and gives them back
in `finally`.

Measured on 39 public repositories: nothing told.
"""

from collections.abc import Iterator

from shipworthy.check.nodes import yields
from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import Dependency

CODE = "SW106"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "error", "high"


def check(asked: Dependency, world: World) -> Iterator[Problem]:
    """Look for a `yield` in what is named."""
    code = world.project.functions.get(asked.target or "")
    made = asked.target in world.project.classes
    if asked.option("max_concurrency") and (made or (code and not yields(code.node))):
        yield Problem(asked.node, f"`max_concurrency` limits nothing: `{asked.target}` does not yield")
