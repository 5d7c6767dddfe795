"""What one request may take: headers, encodings, and time."""

import asyncio
from collections.abc import Collection
from http import HTTPStatus

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import DomainError, Unavailable
from app.core.problems import UnsupportedMediaType

MAX_HEADERS = 100
MAX_HEADER_BYTES = 32_768


class HeadersTooLarge(DomainError):
    """More headers than any honest client sends (RFC 6585, section 5)."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


class DeadlineExceeded(Unavailable):
    """The answer did not begin in time."""


class KnownHosts(TrustedHostMiddleware):
    """Refuses other Host headers, except for probes, which call a container by its address."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        app = self.app if scope.get("path", "").startswith("/health") else super().__call__
        await app(scope, receive, send)


class BodyLimits:
    """Refuses bodies that are too large; files may be larger than what is held in memory."""

    def __init__(
        self, app: ASGIApp, largest_body: int, largest_upload: int, uploads: Collection[str]
    ) -> None:
        # Not FastAPI(max_body_size=...): that answers outside of all our layers, unnamed and unlogged.
        self._bodies = RequestBodyLimitMiddleware(app, largest_body)
        self._files = RequestBodyLimitMiddleware(app, largest_upload)
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        limited = self._files if scope.get("path") in self._uploads else self._bodies
        await limited(scope, receive, send)


class RequestLimits:
    """Refuses oversized headers and compressed bodies; ends a request whose answer does not begin in time."""

    def __init__(self, app: ASGIApp, timeout: float, uploads: Collection[str]) -> None:
        self.app = app
        self.timeout = timeout
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _check_headers(scope["headers"])

        async def lift_deadline(message: Message) -> None:
            if deadline.when() is not None and not deadline.expired():
                deadline.reschedule(None)  # streams and background tasks take the time they need
            await send(message)

        async def push_deadline() -> Message:
            message = await receive()  # of a file that keeps coming
            deadline.reschedule(asyncio.get_running_loop().time() + self.timeout)
            return message

        patient = push_deadline if scope["path"] in self.uploads else receive
        try:
            async with asyncio.timeout(self.timeout) as deadline:
                await self.app(scope, patient, lift_deadline)
        except TimeoutError as error:
            if deadline.when() is not None and not deadline.expired():
                raise
            raise DeadlineExceeded("The request took too long.") from error


def _check_headers(headers: list[tuple[bytes, bytes]]) -> None:
    size = sum(len(name) + len(value) for name, value in headers)
    if len(headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
        raise HeadersTooLarge("The request has too many headers, or too large ones.")
    if any(name == b"content-encoding" and value.strip() for name, value in headers):
        raise UnsupportedMediaType("Send the body without Content-Encoding.")
