"""More requests than can be answered: some are answered in time, and the others are told at once."""

import asyncio
import logging
import time
from collections.abc import Iterable
from http import HTTPStatus
from uuid import UUID

from uuid_utils import uuid7

from app.core.config import Settings
from app.core.database import Database
from app.core.errors import Unavailable
from app.core.metrics import Metrics
from app.core.middleware.security_headers import DEFAULTS, HSTS
from app.core.problem_details import MEDIA_TYPE, describe

logger = logging.getLogger("app.overload")
QUIET = 1.0  # seconds without a refusal after which the next is news
HASTE = 0.1  # seconds; whoever is refused and asks again sooner is hasty
SPACING = 0.001  # seconds from one hasty client that is refused to the next
SHORTEST, LONGEST = 0.02, 1.0  # seconds not to listen to one: less is not worth it, more hides that it left
NAME = str(UUID(int=0))  # stands for the id of the request in what is prepared


class Overloaded(Unavailable):
    """More requests wait than can be answered soon. Nothing of this one was done."""

    detail = "The service is too busy at the moment."


class Overload:
    """Whether to refuse, in which words, and how long not to listen to a client after it.

    Requests of every kind queue for a connection to the database, whether the processor or the database is
    what lacks. What a request must expect to wait is known when it comes, and needs no figure that fits the
    machine; and nobody takes a place by only holding a request open. A refusal must cost next to nothing, or
    it would take the time that the others need: it is prepared, and has no access line, only a count.
    """

    def __init__(
        self, settings: Settings, database: Database, metrics: Metrics, exposed: Iterable[str]
    ) -> None:
        self.database = database
        self.patience = settings.db.pool_patience
        self.shed = metrics.shed
        self._coming = 0  # admitted, and not in the line yet
        self._last = float("-inf")
        self._paid_until = float("-inf")
        kind, detail = Overloaded.type, Overloaded.detail
        self._body = describe(NAME, HTTPStatus.SERVICE_UNAVAILABLE, kind, detail).encode()
        self._heads = dict(self._prepared(settings, exposed))
        self._head = self._heads.get(b"*") or self._heads[b""]

    def refuses(self) -> bool:
        """Whether a request that comes now would wait too long."""
        if self.database.delay(self._coming) > self.patience:
            return True
        if not self._coming:
            asyncio.get_running_loop().call_soon(self._arrived)
        self._coming += 1
        return False

    def refusal(self, origin: bytes = b"") -> tuple[bytes, bytes]:
        """The headers of the answer, as far as they are always the same, and its body."""
        self.shed.inc()
        unnamed, name = NAME.encode(), str(uuid7()).encode()
        return self._heads.get(origin, self._head).replace(unnamed, name), self._body.replace(unnamed, name)

    def rest(self, heard: float) -> float:
        """How long not to listen to a client that was refused now, and was last heard at a time.

        Those who ask again at once, whatever they are told, could keep the process busy with refusing. Of
        them, no more are listened to than there is time for: the kernel holds what they send.
        """
        now = time.monotonic()
        if now - self._last > QUIET:
            logger.warning("overloaded: refusing requests")
        self._last = now
        if now - heard > HASTE:
            return 0
        self._paid_until = min(max(self._paid_until, now) + SPACING, now + LONGEST)
        rest = self._paid_until - now
        return rest if rest > SHORTEST else 0

    def _arrived(self) -> None:
        self._coming = 0

    def _prepared(self, settings: Settings, exposed: Iterable[str]) -> Iterable[tuple[bytes, bytes]]:
        """What every answer says, for each origin whose browsers may read it."""
        length = str(len(self._body))
        usual = {"Content-Type": MEDIA_TYPE, "Content-Length": length, "X-Request-ID": NAME, "Vary": "Origin"}
        usual |= DEFAULTS | (HSTS if settings.production else {}) | Overloaded.headers
        yield b"", _head(usual)
        usual["Access-Control-Expose-Headers"] = ", ".join(exposed)
        for origin in settings.http.cors_origins:
            yield origin.encode(), _head(usual | {"Access-Control-Allow-Origin": origin})


def _head(headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items())
    return lines.encode("latin-1")
