"""The service beside what it is compared with: a handler that calls the model inline, and a clock.

``python -m tests.naive --port 8000`` serves both in one process, configured by the environment.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
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
from tests.burst import Burst, allow_files, burst
from tests.models import image
from tests.processes import DEVELOPMENT, ROOT, Service, environment, free_port, started

NAIVE, BATCHED, NOTHING = "/naive", "/api/v1/predictions", "/nothing"
RECURRENT = str(ROOT / "tests" / "data" / "recurrent")
TICK = 0.002  # seconds


class Clock:
    """Notices how late the event loop is for its appointments, and how long its thread was busy meanwhile."""

    def __init__(self) -> None:
        self.read_off: list[tuple[float, float]] = []

    async def run(self) -> None:
        """Make one appointment after the other."""
        loop = asyncio.get_running_loop()
        while True:
            due, busy = loop.time() + TICK, time.thread_time()
            await asyncio.sleep(TICK)
            self.read_off.append((loop.time() - due, time.thread_time() - busy))

    def read(self) -> list[tuple[float, float]]:
        """What it noticed since it was last asked: seconds by the wall, and of CPU."""
        read_off, self.read_off = self.read_off, []
        return read_off


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


@router.post("/nothing")
async def do_nothing() -> None:
    """Cost what HTTP costs."""


@router.get("/clock")
async def read_clock(request: Request) -> list[tuple[float, float]]:
    clock: Clock = request.state.clock
    return clock.read()


@dataclass(frozen=True, slots=True)
class Measured:
    """A burst, and how the event loop was during it."""

    burst: Burst
    late: list[float]
    busy: list[float]


@contextmanager
def serving_both(database_url: str, **changes: str) -> Iterator[Service]:
    """A process of the service with the recurrent model, and the naive handler in it."""
    port = free_port()
    env = environment(database_url, **DEVELOPMENT | {"APP_PREDICTIONS_FOLDER": RECURRENT} | changes)
    with started(["-m", "tests.naive", "--port", str(port)], port, env) as service:
        yield service


async def measure(service: Service, path: str, number: int, at_once: int | None = None) -> Measured:
    """So many requests to one path."""
    allow_files(number)
    service.get("/clock")
    found = await burst(
        service.url + path, [{"inputs": [image(index % 17)]} for index in range(number)], at_once
    )
    read_off = service.get("/clock").json()
    return Measured(found, sorted(late for late, _ in read_off), sorted(busy for _, busy in read_off))


@click.command()
@click.option("--port", type=int, required=True)
def main(port: int) -> None:
    settings = Settings()
    app = create_app(settings)
    app.include_router(router)
    Server(server_config(settings, app)).run(sockets=[listen("127.0.0.1", port)])


if __name__ == "__main__":
    main()
