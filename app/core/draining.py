"""Leaving without failing anybody: the balancer hears of it first, and the server stops after that."""

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import FrameType

logger = logging.getLogger("app.server")


@dataclass
class Drain:
    """Whether this process is about to stop."""

    begun: bool = False


@asynccontextmanager
async def open_drain(seconds: float) -> AsyncIterator[Drain]:
    """Hold SIGTERM back for so long; Ctrl-C (SIGINT) and a second SIGTERM stop at once.

    The server has set its own handler before it starts the app, and is told by it in the end.
    """
    drain, loop, stop = Drain(), asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)
    if not (seconds and callable(stop) and threading.current_thread() is threading.main_thread()):
        yield drain
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if drain.begun:
            stop(number, frame)
            return
        drain.begun = True
        loop.call_soon_threadsafe(logger.info, "draining")
        loop.call_soon_threadsafe(loop.call_later, seconds, stop, number, None)

    signal.signal(signal.SIGTERM, handle)
    try:
        yield drain
    finally:
        signal.signal(signal.SIGTERM, stop)
