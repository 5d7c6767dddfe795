"""The limit in Python: ASGI without a framework, asyncpg whose pool resets nothing, and orjson."""

from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import asyncpg
import orjson
from pydantic import ValidationError
from uuid_utils.compat import uuid7

from bench.contenders import shared

Answer = tuple[int, bytes]
HEALTHY = (200, b'{"status":"ok"}')
NOBODY, NOT_FOUND, INVALID = (401, b"{}"), (404, b"{}"), (422, b"{}")
ITEMS = "/api/v1/items"


async def reset_nothing(_: asyncpg.Connection) -> None:
    """No request changes its connection, so nothing needs to be put back."""


class App:
    """Five routes."""

    pool: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - plain ASGI
        """Handle one connection."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        status, body = await self.answer(scope, receive)
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def live(self, receive: Any, send: Any) -> None:  # noqa: ANN401
        """Hold the pool from start-up to shutdown."""
        await receive()
        size = shared.POOL_SIZE
        self.pool = await asyncpg.create_pool(
            shared.DATABASE_URL, min_size=size, max_size=size, reset=reset_nothing
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, scope: Any, receive: Any) -> Answer:  # noqa: ANN401
        """Route, and find out who is calling."""
        path = scope["path"]
        if path == "/health":
            return HEALTHY
        if (caller := shared.caller_of(bearer(scope["headers"]))) is None:
            return NOBODY
        async with self.pool.acquire() as connection:
            user = await connection.fetchrow(shared.USER, caller)
            if user is None:
                return NOBODY
            if path == "/api/v1/users/me":
                return 200, render(dict(user))
            if path != ITEMS:
                return await one(connection, caller, path.removeprefix(f"{ITEMS}/"))
            if scope["method"] == "GET":
                return await page(connection, caller, scope["query_string"])
            return await create(connection, caller, (await receive())["body"])


async def one(connection: Any, caller: UUID, item_id: str) -> Answer:  # noqa: ANN401
    """An item."""
    row = await connection.fetchrow(shared.ITEM, UUID(item_id), caller)
    return (200, render(dict(row))) if row else NOT_FOUND


async def page(connection: Any, caller: UUID, query: bytes) -> Answer:  # noqa: ANN401
    """A part of the caller's items."""
    given = {name: values[0] for name, values in parse_qs(query.decode()).items()}
    limit = int(given.get("limit", "20"))
    position = shared.position_of(given.get("cursor"))
    rows, cursor = shared.page_of(await connection.fetch(shared.PAGE, caller, *position, limit + 1), limit)
    body = {"items": [dict(row) for row in rows], "next_cursor": cursor}
    return 200, render(body)


async def create(connection: Any, caller: UUID, body: bytes) -> Answer:  # noqa: ANN401
    """A new item; the one statement is its own transaction."""
    try:
        data = shared.ItemCreate.model_validate_json(body)
    except ValidationError:
        return INVALID
    row = await connection.fetchrow(shared.CREATE, *shared.new_item(uuid7(), caller, data))
    return 201, render(dict(row))


def render(value: object) -> bytes:
    """JSON; asyncpg's UUIDs are of a class of their own."""
    rendered: bytes = orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)
    return rendered


def bearer(headers: list[tuple[bytes, bytes]]) -> str:
    """The token of the request, if it has one."""
    for name, value in headers:
        if name == b"authorization":
            return value.removeprefix(b"Bearer ").decode("latin-1")
    return ""


app = App()
