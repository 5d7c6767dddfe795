"""More requests than can be answered: some are answered in time, and the others are told at once."""

import logging
import time
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send
from uuid_utils import uuid7

from app.core.errors import Unavailable
from app.core.metrics import Metrics
from app.core.problem_details import MEDIA_TYPE, describe

logger = logging.getLogger("app.overload")
SPARED = ("/health", "/metrics")  # who asks whether a process lives must not be told that it is busy
QUIET = 1.0  # seconds without a refusal after which the next is news


class Overloaded(Unavailable):
    """More requests wait than can be answered soon. Nothing of this one was done."""

    detail = "The service is too busy at the moment."


class LoadShedding:
    """Refuses requests that would wait too long for a connection to the database.

    Requests of every kind queue there, whether the processor or the database is what lacks. What a request
    must expect to wait is known when it comes, and needs no figure that fits the machine; and nobody takes
    a place by only holding a request open. A refusal must cost next to nothing, or it would take the time
    that the others need: it has no access line, only a count.
    """

    def __init__(self, app: ASGIApp, refusal: ASGIApp, patience: float, metrics: Metrics) -> None:
        self.app = app
        self.refusal = refusal
        self.patience = patience
        self.metrics = metrics
        self._last = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if (
            scope["type"] != "http"
            or scope["state"]["database"].delay() <= self.patience
            or scope["path"].startswith(SPARED)
        ):
            await self.app(scope, receive, send)
            return
        self.metrics.shed.inc()
        now = time.monotonic()
        if now - self._last > QUIET:
            logger.warning("overloaded: refusing requests")
        self._last = now
        await self.refusal(scope, receive, send)


async def overloaded(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer 503 with a problem document."""
    request_id = str(uuid7())
    status = HTTPStatus.SERVICE_UNAVAILABLE
    body = describe(request_id, status, Overloaded.type, Overloaded.detail).encode()
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), "x-request-id": request_id}
    pairs = [
        (name.lower().encode(), value.encode()) for name, value in (headers | Overloaded.headers).items()
    ]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
