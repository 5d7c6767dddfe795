"""Every request gets an id, one access line and its metrics."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi.routing import iter_route_contexts
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from app.core.logging import request_id
from app.core.metrics import Metrics

logger = logging.getLogger("app.access")
ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLIENT_CLOSED_REQUEST = 499  # nginx's number for a client that left before the answer


@dataclass(slots=True)
class Exchange:
    """What is worth recording about one request."""

    scope: Scope
    started: float = field(default_factory=time.perf_counter)
    status: int = CLIENT_CLOSED_REQUEST
    recorded: bool = False


class CanonicalPath:
    """``/items/`` is ``/items``: answered, not redirected, so that no Location repeats the Host header."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and scope["path"].endswith("/") and scope["path"] != "/":
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self.app(scope, receive, send)


class RequestContext:
    """Names the request, then logs and counts it when the last byte of the answer is sent."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics
        self._templates: dict[Callable[..., Any], str] = {}
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = Exchange(scope)
        name = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = name
        token = request_id.set(name)

        async def observe(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"].append((b"x-request-id", name.encode()))
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._record(exchange)

        with self.metrics.in_flight.track_inprogress():
            try:
                await self.app(scope, receive, observe)
            finally:
                self._record(exchange)
                request_id.reset(token)

    def _record(self, exchange: Exchange) -> None:
        if exchange.recorded:
            return
        exchange.recorded = True
        seconds = time.perf_counter() - exchange.started
        scope, status = exchange.scope, exchange.status
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = self._template(scope)
        requests, duration = self._instruments(method, route, status)
        requests.inc()
        duration.observe(seconds)
        details = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "user_id": scope["state"].get("user_id"),
        }
        logger.info("request", extra=details)

    def _instruments(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """The metrics of these labels, which the library finds again only behind a lock."""
        if (found := self._known.get((method, route, status))) is None:
            requests = self.metrics.requests.labels(method, route, status)
            found = requests, self.metrics.duration.labels(method, route)
            self._known[method, route, status] = found
        return found

    def _template(self, scope: Scope) -> str:
        """The route's pattern, as ``/api/v1/items/{item_id}``: bounded, and free of what clients send."""
        if not self._templates and "app" in scope:
            contexts = iter_route_contexts(scope["app"].routes)
            self._templates = {each.endpoint: each.path for each in contexts if each.endpoint and each.path}
        return self._templates.get(scope.get("endpoint"), "(unmatched)")  # type: ignore[arg-type]


def _request_id(scope: Scope) -> str:
    offered = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode(
        "latin-1"
    )
    return offered if ACCEPTABLE_ID.fullmatch(offered) else str(uuid7())
