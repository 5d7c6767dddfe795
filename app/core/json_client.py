"""Asking another service for JSON, so that it can neither hold us up nor fill our memory."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from httpx2 import AsyncClient, HTTPError, InvalidURL, Limits, Response, Timeout

MAX_BYTES = 262_144
MAX_SECONDS = 8  # for a whole answer, however slowly its bytes come
TIMEOUT = Timeout(5, connect=3, pool=1)
LIMITS = Limits(max_connections=20, max_keepalive_connections=5)
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class NoAnswer(Exception):
    """The other side is away, failing, too slow, or says something that is no JSON object of a sane size."""


class JsonClient:
    """Sends requests; follows no redirect and keeps no cookie."""

    def __init__(self, http: AsyncClient) -> None:
        self._http = http

    async def ask(self, method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - httpx2's own
        """The status, 200 or a refusal, and the JSON object that came with it.

        Raises:
            NoAnswer: there is none.
        """
        try:
            async with asyncio.timeout(MAX_SECONDS), self._http.stream(method, url, **options) as answer:
                if answer.status_code != HTTPStatus.OK and answer.status_code not in REFUSALS:
                    raise NoAnswer(f"status {answer.status_code}")
                content = json.loads(await _read_bounded(answer))
        except (HTTPError, InvalidURL, TimeoutError, ValueError, RecursionError) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        if not isinstance(content, dict):
            raise NoAnswer("not a JSON object")
        return answer.status_code, content


async def _read_bounded(answer: Response) -> bytes:
    """The body as it was sent: what comes compressed, although we do not ask for it, is never unpacked."""
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MAX_BYTES:
            raise NoAnswer("too large")
    return bytes(body)


@asynccontextmanager
async def open_json_client() -> AsyncIterator[JsonClient]:
    """A client whose connections are closed at the end."""
    async with AsyncClient(timeout=TIMEOUT, limits=LIMITS, headers=HEADERS, follow_redirects=False) as http:
        http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))  # users share the connections
        yield JsonClient(http)
