"""Finding a route."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope

API = "/api/v1"


class Router(APIRouter):
    """FastAPI's router under ``API``. It tries its routes one by one and twice, so only for its own paths."""

    under = API

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of the routes takes the request."""
        if not scope["path"].removeprefix(scope.get("root_path", "")).startswith(self.under + self.prefix):
            return Match.NONE, {}
        return super().matches(scope)
