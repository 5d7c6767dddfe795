"""Errors as pages: below /admin, what would be a problem document is a page that says the same."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.admin_ui import Door
from app.core.config import Settings
from app.core.problem_details import MEDIA_TYPE, phrase
from app.core.routing import SAFE
from app.routers.admin_ui.pages import HEADERS, PREFIX, go, render, show_door

LOGIN = f"{PREFIX}/login"
OWN = frozenset({b"content-type", b"content-length"} | {name.lower().encode() for name in HEADERS})


class ProblemPages:
    """The outermost layer, so that it sees what every other one refuses. Who is not logged in may do so."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.door = Door(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self.app(scope, receive, send)
            return
        refused: Message | None = None
        body = b""

        async def rewrite(message: Message) -> None:
            nonlocal refused, body
            if message["type"] == "http.response.start" and _is_problem(message):
                refused = message
            elif refused is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    page = self._page(Request(scope), read_problem(refused["status"], body))
                    page.raw_headers.extend(pair for pair in refused["headers"] if pair[0] not in OWN)
                    await page(scope, receive, send)

        await self.app(scope, receive, rewrite)

    def _page(self, request: Request, problem: Mapping[str, Any]) -> Response:
        if problem["status"] == HTTPStatus.UNAUTHORIZED and request.method in SAFE:
            return go("/login")
        if problem["status"] == HTTPStatus.UNAUTHORIZED or request.url.path == LOGIN:
            return show_door(request, self.door, problem)
        return render("problem.html", problem["status"], problem=problem)


def read_problem(status: int, body: bytes) -> Mapping[str, Any]:
    """What the document says; a HEAD has none."""
    known = {"type": "", "status": status, "title": phrase(status), "detail": "", "errors": []}
    return {**known, "request_id": "", **json.loads(body or b"{}")}


def _is_problem(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type") == MEDIA_TYPE
