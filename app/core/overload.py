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
SPACING = 0.001  # seconds from one hasty client that is listened to to the next: a twentieth of the time
SHORTEST, LONGEST = 0.02, 1.0  # seconds not to listen to one: less is not worth it, more hides that it left
UNNAMED = str(UUID(int=0))  # stands for the id of a request in what is prepared


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
        self._coming = 0  # admitted in this turn of the loop: none of them waits in the line yet
        self._last = self._listening = float("-inf")
        status, kind = HTTPStatus.SERVICE_UNAVAILABLE, Overloaded.type
        self._body = describe(UNNAMED, status, kind, Overloaded.detail).encode()
        self._heads = dict(self._prepared(settings, exposed))
        self._head = self._heads.get(b"*") or self._heads[b""]

    def admits(self) -> bool:
        """Whether a request that comes now may wait; if so it is counted on."""
        if self.database.delay(self._coming) > self.patience:
            return False
        if not self._coming:
            asyncio.get_running_loop().call_soon(self._arrived)
        self._coming += 1
        return True

    def refusal(self, origin: bytes) -> tuple[bytes, bytes]:
        """Headers and body of an answer that browsers of this origin may read, if they may read any."""
        self.shed.inc()
        now = time.monotonic()
        if now - self._last > QUIET:
            logger.warning("overloaded: refusing requests")
        self._last = now
        unnamed, name = UNNAMED.encode(), str(uuid7()).encode()
        return self._heads.get(origin, self._head).replace(unnamed, name), self._body.replace(unnamed, name)

    def rest(self, heard: float) -> float:
        """Seconds not to listen to a client that was refused now, and could ask since some time.

        Those who ask again at once, whatever they are told, could keep the process busy with refusing. Of
        them, no more are listened to than there is time for: the kernel holds what they send.
        """
        now = time.monotonic()
        if now - heard > HASTE:
            return 0
        self._listening = min(max(self._listening, now) + SPACING, now + LONGEST)
        rest = self._listening - now
        return rest if rest > SHORTEST else 0

    def _arrived(self) -> None:
        self._coming = 0

    def _prepared(self, settings: Settings, exposed: Iterable[str]) -> Iterable[tuple[bytes, bytes]]:
        """The headers for each origin."""
        length = str(len(self._body))
        usual = {"Content-Type": MEDIA_TYPE, "Content-Length": length, "X-Request-ID": UNNAMED}
        usual |= DEFAULTS | (HSTS if settings.production else {}) | Overloaded.headers
        usual |= {"Vary": "Origin", "Access-Control-Expose-Headers": ", ".join(exposed)}
        yield b"", _head(usual)
        for origin in settings.http.cors_origins:
            yield origin.encode(), _head(usual | {"Access-Control-Allow-Origin": origin})


def _head(headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items())
    return lines.encode("latin-1")
