"""What tests share besides fixtures."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.config import Settings

PASSWORD = "correct horse battery"
ANY_VERSION = {"If-Match": "*"}  # for tests of other things than versions
CHEAP_HASHING = {"argon2_memory_kib": 8, "argon2_passes": 1}
GENEROUS = {"requests": 1_000_000, "anonymous_requests": 1_000_000, "registrations": 1_000_000}


def on_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def make_settings(url: str, **changes: Any) -> Settings:  # noqa: ANN401 - whatever Settings takes
    """Settings of a development installation whose passwords hash quickly."""
    values = {"environment": "development", "auth": CHEAP_HASHING, "limit": GENEROUS, **changes}
    return Settings.model_validate({"DATABASE_URL": url, **values})


async def connect(url: str) -> asyncpg.Connection:
    """A plain connection."""
    return await asyncpg.connect(url)


async def rows(database: asyncpg.Connection) -> list[Any]:
    """Everything that people own, to see that nothing of it changed."""
    return [
        await database.fetch(f"TABLE {table} ORDER BY id")
        for table in ("users", "items", "api_keys", "webhooks")
    ]


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[ASGIApp]:
    """The app between start-up and shutdown, in this process. Its requests carry the lifespan's state."""
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        yield with_state


def open_client(service: ASGIApp, **options: Any) -> AsyncClient:  # noqa: ANN401 - httpx2's own options
    """A client of the API; paths are relative to /api/v1, other places need a whole URL."""
    transport = ASGITransport(service, raise_app_exceptions=False)
    return AsyncClient(transport=transport, **{"base_url": "http://localhost/api/v1", **options})


@dataclass
class Person:
    """Somebody with an account, and a client that sends their token."""

    name: str
    client: AsyncClient
    password: str = PASSWORD
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.com"

    @property
    def id(self) -> str:
        return str(self.profile["id"])

    @property
    def registration(self) -> dict[str, Any]:
        return {"email": self.email, "password": self.password, "name": self.name}

    async def log_in(self) -> None:
        """Get a token, send it from now on, and learn who one is, unless one was told when one registered."""
        form = {"username": self.email, "password": self.password}
        answer = await self.client.post("/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self.profile = self.profile or (await self.client.get("/users/me")).json()

    async def register(self) -> None:
        """Get an account and log in."""
        answer = await self.client.post("/users", json=self.registration)
        assert answer.status_code == 201, answer.text
        self.profile = answer.json()
        await self.log_in()


def assert_problem(answer: Response, status: int, kind: str) -> dict[str, Any]:
    """The answer is a problem document (RFC 9457) of this status and type; its body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:problem:{kind}"
    assert body["status"] == status
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


@dataclass(frozen=True)
class Error:
    """A request that some layer of the service refuses."""

    status: int
    kind: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    async def provoke(self, client: AsyncClient, headers: dict[str, str]) -> Response:
        """Send the request; one that has nothing wrong with it but the service is a login."""
        form = {"username": "ada@example.com", "password": PASSWORD} if self.method == "POST" else None
        return await client.request(self.method, self.path, data=form, headers=self.headers | headers)


# Each status that needs no account, and each layer that refuses; the last for a service without a database.
ERRORS = [
    Error(400, "bad-request", "POST", "/auth/token", {"Content-Type": "multipart/form-data; boundary=x"}),
    Error(400, "malformed-body", "POST", "/users", {"Content-Type": "application/json"}),
    Error(401, "missing-token", "GET", "/items"),
    Error(401, "invalid-token", "GET", "/items", {"Authorization": "Bearer x"}),
    Error(404, "not-found", "GET", "/nowhere"),
    Error(405, "method-not-allowed", "DELETE", "/items"),
    Error(413, "content-too-large", "POST", "/users", {"Content-Length": "99999999"}),
    Error(415, "unsupported-media-type", "POST", "/users"),
    Error(415, "unsupported-media-type", "GET", "/items", {"Content-Encoding": "gzip"}),
    Error(422, "validation-failed", "POST", "/users", {"Content-Type": ""}),
    Error(431, "headers-too-large", "GET", "/items", {"X-Filler": "a" * 40_000}),
    Error(500, "internal-server-error", "POST", "/auth/token"),
]
