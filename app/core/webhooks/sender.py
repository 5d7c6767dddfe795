"""Sending one webhook: once, to where it was told, for as long and as much as we allow."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext
from types import MappingProxyType

from httpcore2 import (
    URL,
    AsyncConnectionPool,
    NetworkError,
    ProtocolError,
    Response,
    TimeoutException,
    default_ssl_context,
)

from app.core.text import printable
from app.core.webhooks.egress import Guard, GuardedBackend, HostUnknown, TargetNotAllowed
from app.core.webhooks.settings import WebhookSettings
from app.core.webhooks.targets import MalformedTarget, Target

SHOWN_BYTES = 1024  # of an answer; the rest is never read
BODY_SECONDS = 2  # for them: the status has said all that counts
CONNECT_SECONDS = 5
MAX_CONNECTIONS = 500  # more than a worker has jobs, so that none waits for another's receiver
MAX_IDLE = 50
IDLE_SECONDS = 30
# What went wrong, for the log that the endpoint's owner reads: no address, nothing of our network's.
REASONS: Mapping[type[Exception], str] = MappingProxyType(
    {
        MalformedTarget: "target not allowed",
        TargetNotAllowed: "target not allowed",
        HostUnknown: "host unknown",
        TimeoutError: "timeout",
        TimeoutException: "timeout",
        NetworkError: "connection failed",
        ProtocolError: "no proper HTTP",
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: a status, or the reason why there is none."""

    seconds: float
    status: int | None = None
    error: str | None = None
    retry_after: str = ""
    text: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - 2xx


class Sender:
    """Posts messages. It follows no redirect, keeps no cookie, asks no proxy and unpacks nothing."""

    def __init__(self, encrypted: AsyncConnectionPool, plain: AsyncConnectionPool, seconds: float) -> None:
        self._encrypted = encrypted
        self._plain = plain
        self._seconds = seconds

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Try once."""
        started = time.monotonic()
        try:
            return await self._post(Target.parse(url), headers, body)
        except tuple(REASONS) as error:
            reason = next(text for kind, text in REASONS.items() if isinstance(error, kind))
            return Answer(time.monotonic() - started, error=reason)

    async def _post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        started = time.monotonic()
        pool = self._encrypted if target.encrypted else self._plain
        url = URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        sent = [("Host", target.netloc), *headers.items()]
        limits = {"timeout": {"connect": CONNECT_SECONDS, "pool": 1}}
        async with asyncio.timeout(self._seconds) as deadline:
            async with pool.stream("POST", url, headers=sent, content=body, extensions=limits) as response:
                deadline.reschedule(None)  # the status is there and stands, whatever the rest does
                seconds, wait = time.monotonic() - started, _header(response, b"retry-after")
                return Answer(seconds, response.status, None, wait, await _read_beginning(response))


def _header(response: Response, name: bytes) -> str:
    return next((value.decode("latin-1") for each, value in response.headers if each.lower() == name), "")


async def _read_beginning(response: Response) -> str:
    """The first bytes of an answer, as text; it may be endless, and may come one byte a minute."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS), aclosing(response.aiter_stream()) as parts:
            async for part in parts:
                body += part
                if len(body) >= SHOWN_BYTES:
                    break
    except (TimeoutError, TimeoutException, NetworkError, ProtocolError):
        pass  # what has come is what is shown
    return printable(bytes(body[:SHOWN_BYTES]).decode(errors="replace"), SHOWN_BYTES)


@asynccontextmanager
async def open_sender(settings: WebhookSettings) -> AsyncIterator[Sender]:
    """A sender whose connections are closed at the end."""
    guard = Guard(settings)
    trusted = default_ssl_context()  # once: it reads all the certificates
    async with open_pool(guard, trusted) as encrypted, open_pool(guard, None) as plain:
        yield Sender(encrypted, plain, settings.timeout)


def open_pool(guard: Guard, trusted: SSLContext | None) -> AsyncConnectionPool:
    """Connections that the guard has let through, encrypted if it is said whom to trust."""
    return AsyncConnectionPool(
        ssl_context=trusted,
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_IDLE,
        keepalive_expiry=IDLE_SECONDS,
        network_backend=GuardedBackend(guard, encrypted=trusted is not None),
    )
