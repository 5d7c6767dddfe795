"""FastAPI without an ORM: a connection of asyncpg's pool per request, used as its documentation shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.security import OAuth2PasswordBearer
from uuid_utils.compat import uuid7

from bench.contenders import shared

Row = dict[str, Any]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """Hold the pool."""
    size = shared.POOL_SIZE
    async with asyncpg.create_pool(shared.DATABASE_URL, min_size=size, max_size=size) as pool:
        yield {"pool": pool}


app = FastAPI(lifespan=lifespan)


async def get_connection(request: Request) -> AsyncIterator[asyncpg.Connection]:
    """A connection per request."""
    async with request.state.pool.acquire() as connection:
        yield connection


Connection = Annotated[Any, Depends(get_connection)]
Token = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token"))]


async def get_current_user(token: Token, connection: Connection) -> Row:
    """The account of the token."""
    user_id = shared.caller_of(token)
    user = await connection.fetchrow(shared.USER, user_id) if user_id else None
    if user is None:
        raise HTTPException(401, "Could not validate credentials")
    return dict(user)


CurrentUser = Annotated[Row, Depends(get_current_user)]


@app.get("/health")
async def get_health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@app.get("/api/v1/users/me", response_model=shared.UserResponse)
async def get_me(user: CurrentUser) -> Row:
    """Read one's own account."""
    return user


@app.get("/api/v1/items/{item_id}", response_model=shared.ItemResponse)
async def get_item(item_id: UUID, user: CurrentUser, connection: Connection) -> Row:
    """Read an item."""
    if row := await connection.fetchrow(shared.ITEM, item_id, user["id"]):
        return dict(row)
    raise HTTPException(404, "Item not found")


@app.get("/api/v1/items", response_model=shared.PageResponse)
async def list_items(
    user: CurrentUser,
    connection: Connection,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Row:
    """List one's own items."""
    found = await connection.fetch(shared.PAGE, user["id"], *shared.position_of(cursor), limit + 1)
    rows, following = shared.page_of(found, limit)
    return {"items": [dict(row) for row in rows], "next_cursor": following}


@app.post("/api/v1/items", response_model=shared.ItemResponse, status_code=201)
async def create_item(data: shared.ItemCreate, user: CurrentUser, connection: Connection) -> Row:
    """Create an item; the one statement is its own transaction."""
    values = shared.new_item(uuid7(), user["id"], data)
    return dict(await connection.fetchrow(shared.CREATE, *values))
