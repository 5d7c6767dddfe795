"""Starlette without FastAPI: routes, asyncpg's pool used as its documentation shows, and orjson."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

from bench.contenders import shared

Handler = Callable[[Request, Any, UUID], Awaitable[Response]]


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    """Hold the pool."""
    size = shared.POOL_SIZE
    async with asyncpg.create_pool(shared.DATABASE_URL, min_size=size, max_size=size) as pool:
        yield {"pool": pool}


def render(value: object, status: int = 200) -> Response:
    """JSON; asyncpg's UUIDs are of a class of their own."""
    body = orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)
    return Response(body, status, media_type="application/json")


def for_users(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Let only users in; their row is there for the handler, and a connection."""

    async def handle(request: Request) -> Response:
        caller = shared.caller_of(request.headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise HTTPException(401)
        async with request.state.pool.acquire() as connection:
            request.state.user = await connection.fetchrow(shared.USER, caller)
            if request.state.user is None:
                raise HTTPException(401)
            return await handler(request, connection, caller)

    return handle


async def get_health(_: Request) -> Response:
    """Say that the process answers."""
    return render({"status": "ok"})


@for_users
async def get_me(request: Request, _connection: Any, _caller: UUID) -> Response:  # noqa: ANN401
    """Read one's own account."""
    return render(dict(request.state.user))


@for_users
async def get_item(request: Request, connection: Any, caller: UUID) -> Response:  # noqa: ANN401
    """Read an item."""
    if row := await connection.fetchrow(shared.ITEM, request.path_params["item_id"], caller):
        return render(dict(row))
    raise HTTPException(404)


@for_users
async def list_items(request: Request, connection: Any, caller: UUID) -> Response:  # noqa: ANN401
    """List one's own items."""
    limit = int(request.query_params.get("limit", "20"))
    position = shared.position_of(request.query_params.get("cursor"))
    rows, cursor = shared.page_of(await connection.fetch(shared.PAGE, caller, *position, limit + 1), limit)
    return render({"items": [dict(row) for row in rows], "next_cursor": cursor})


@for_users
async def create_item(request: Request, connection: Any, caller: UUID) -> Response:  # noqa: ANN401
    """Create an item; the one statement is its own transaction."""
    try:
        data = shared.ItemCreate.model_validate_json(await request.body())
    except ValidationError as error:
        raise HTTPException(422) from error
    row = await connection.fetchrow(shared.CREATE, *shared.new_item(uuid7(), caller, data))
    return render(dict(row), 201)


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/health", get_health),
        Route("/api/v1/users/me", get_me),
        Route("/api/v1/items", list_items),
        Route("/api/v1/items", create_item, methods=["POST"]),
        Route("/api/v1/items/{item_id:uuid}", get_item),
    ],
)
