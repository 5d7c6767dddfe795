"""Routes that will go: said in one word, ``dependencies=[deprecated(since=..., sunset=..., link=...)]``."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from fastapi import Depends, Request

from app.core.errors import DomainError


class Gone(DomainError):
    """The route was deprecated, and its sunset has passed (RFC 8594)."""

    status = HTTPStatus.GONE


@dataclass(frozen=True)
class Deprecation:
    """Since when a route is deprecated, until when it answers, and where to read what to do."""

    since: datetime
    sunset: datetime
    link: str

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.sunset.tzinfo is None:
            raise ValueError("a deprecation needs times with a time zone")
        if self.sunset < self.since:
            raise ValueError("a route cannot go before it is deprecated (RFC 9745, section 4)")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What every answer of the route says (RFC 9745, RFC 8594)."""
        return [
            ("Deprecation", f"@{int(self.since.timestamp())}"),
            ("Sunset", format_datetime(self.sunset.astimezone(UTC), usegmt=True)),
            ("Link", f'<{self.link}>; rel="deprecation", <{self.link}>; rel="sunset"'),
        ]

    async def __call__(self, request: Request) -> None:
        """Mark the answer, an error too; refuse after the sunset."""
        request.state.extra_headers = self.headers
        if datetime.now(UTC) >= self.sunset:
            raise Gone("This operation is no longer served; the Link header says what to use instead.")


def deprecated(*, since: datetime, sunset: datetime, link: str) -> Any:  # noqa: ANN401 - as Depends itself
    """The dependency that deprecates a route or a router."""
    return Depends(Deprecation(since, sunset, link))
