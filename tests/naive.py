"""The service beside what it is compared with: a handler that calls the model inline, and a clock.

``python -m tests.naive --port 8000`` serves both in one process, configured by the environment.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import click
from fastapi import APIRouter, FastAPI, Request
from uvicorn import Server

from app.core.config import Settings
from app.core.server import listen, server_config
from app.dependencies.predictions import AnyCaller, PredictionInputs, ThePredictor
from app.main import create_app
from app.schemas.prediction import PredictionResponse
from app.services.prediction_service import prediction

TICK = 0.002  # seconds


class Clock:
    """Notices how late the event loop is for its appointments."""

    def __init__(self) -> None:
        self.late: list[tuple[float, float]] = []

    async def run(self) -> None:
        """Make one appointment after the other."""
        loop = asyncio.get_running_loop()
        while True:
            due, busy = loop.time() + TICK, time.thread_time()
            await asyncio.sleep(TICK)
            self.late.append((loop.time() - due, time.thread_time() - busy))

    def read(self) -> list[tuple[float, float]]:
        """How late it was, appointment by appointment, since it was last asked."""
        late, self.late = self.late, []
        return late


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    gc.freeze()  # what was imported is no garbage: looking for it takes longer than anything measured here
    clock = Clock()
    task = asyncio.create_task(clock.run())
    yield {"clock": clock}
    task.cancel()


router = APIRouter(lifespan=lifespan)


@router.post("/naive", dependencies=[AnyCaller])
async def predict_inline(inputs: PredictionInputs, predictor: ThePredictor) -> PredictionResponse:
    version = predictor.version
    labelled = [prediction(version.card.labels, scores) for scores in version.predict(inputs)]
    return PredictionResponse(model=version.card.name, version=version.number, predictions=labelled)


@router.get("/late")
async def read_clock(request: Request) -> list[tuple[float, float]]:
    clock: Clock = request.state.clock
    return clock.read()


@click.command()
@click.option("--port", type=int, required=True)
def main(port: int) -> None:
    settings = Settings()
    app = create_app(settings)
    app.include_router(router)
    Server(server_config(settings, app)).run(sockets=[listen("127.0.0.1", port)])


if __name__ == "__main__":
    main()
