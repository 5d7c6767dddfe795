"""Finding a route, and the transaction that it runs in."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

API = "/api/v1"
SAFE = frozenset({"GET", "HEAD"})  # methods that change nothing (RFC 9110, section 9.2.1)
Handler = Callable[[Request], Awaitable[Response]]


class Route(APIRoute):
    """One transaction per request: commit when the answer is made, roll back when there is none.

    It ends before the answer is sent, so that no client ever sees a 201 for a lost row. A dependency with
    ``yield`` and ``scope="function"`` does the same, and costs a request a twentieth of its CPU time.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, in a transaction."""
        handle = super().get_route_handler()

        async def handle_in_transaction(request: Request) -> Response:
            async with request.state.database.transaction() as session:
                request.state.session = session
                return await self.answer(request, handle)

        return handle_in_transaction

    async def answer(self, request: Request, handle: Handler) -> Response:
        """Answer within the transaction."""
        return await handle(request)


class Router(APIRouter):
    """FastAPI's router, below ``under``. It tries its routes one by one, twice, so only for its own paths."""

    def __init__(self, under: str = API, route_class: type[Route] = Route, **options: Any) -> None:  # noqa: ANN401 - FastAPI's own
        super().__init__(route_class=route_class, **options)
        self.under = under

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes takes the request."""
        if not scope["path"].removeprefix(scope.get("root_path", "")).startswith(self.under + self.prefix):
            return Match.NONE, {}
        return super().matches(scope)
