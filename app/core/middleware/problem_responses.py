"""No client ever meets an error that is not a problem document, whoever made it."""

import logging
from http import HTTPStatus

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import DomainError
from app.core.problem_details import MEDIA_TYPE, kind_of
from app.core.problems import as_problem, problem

logger = logging.getLogger("app.errors")
FIRST_ERROR = 400
MAX_DETAIL = 200
OWN_HEADERS = frozenset({b"content-type", b"content-length"})


class ProblemResponses:
    """Rewrites the plain-text errors of libraries: unknown hosts, refused preflights, bodies too large."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        plain: Message | None = None

        async def rewrite(message: Message) -> None:
            nonlocal plain
            if message["type"] == "http.response.start" and _is_plain_error(message):
                plain = message
            elif plain is None:
                await send(message)
            elif not message.get("more_body"):
                detail = message.get("body", b"")[:MAX_DETAIL].decode("ascii", "replace")
                await _replace(Request(scope), plain, detail)(scope, receive, send)

        await self.app(scope, receive, rewrite)


class LastResort:
    """Turns what nobody caught into a 500, inside CORS so that browsers may read it, and logs it once."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if started or scope["type"] != "http":
                raise  # the answer is half sent: the server logs it and cuts the connection
            response = await _render(Request(scope), error)
            await response(scope, receive, send)


async def _render(request: Request, error: Exception) -> ASGIApp:
    if isinstance(error, DomainError):
        return await as_problem(request, error)
    logger.error("unhandled error", exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return problem(request, status, kind_of(status), "The server failed; its log says why.")


def _is_plain_error(message: Message) -> bool:
    content_type = Headers(raw=message["headers"]).get("content-type", "")
    return message["status"] >= FIRST_ERROR and content_type != MEDIA_TYPE


def _replace(request: Request, plain: Message, detail: str) -> ASGIApp:
    status = plain["status"]
    response = problem(request, status, kind_of(status), detail)
    response.raw_headers.extend(pair for pair in plain["headers"] if pair[0] not in OWN_HEADERS)
    return response
