"""Litestar with Advanced Alchemy: an ORM session per request from its plugin, answers as msgspec structs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from advanced_alchemy.extensions.litestar import SQLAlchemyAsyncConfig, SQLAlchemyPlugin
from litestar import Litestar, get, post
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.params import Parameter
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from bench.contenders import shared
from bench.contenders.tables import Item, User

Authorization = Annotated[str, Parameter(header="Authorization", default="", required=False)]


class ItemResponse(msgspec.Struct):
    """An item."""

    id: UUID
    owner_id: UUID
    title: str
    description: str | None
    status: str
    tags: list[str]
    price_minor: int | None
    currency: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class UserResponse(msgspec.Struct):
    """An account."""

    id: UUID
    email: str
    name: str
    age: int | None
    role: str
    is_active: bool
    email_verified: bool
    two_factor: bool
    created_at: datetime
    updated_at: datetime


class PageResponse(msgspec.Struct):
    """A part of a list."""

    items: list[ItemResponse]
    next_cursor: str | None


async def provide_user(db_session: AsyncSession, authorization: Authorization) -> User:
    """The account of the token."""
    user_id = shared.caller_of(authorization.removeprefix("Bearer "))
    user = await db_session.get(User, user_id) if user_id else None
    if user is None or not user.is_active:
        raise NotAuthorizedException
    return user


def shown(item: Item) -> ItemResponse:
    """An item as it is answered."""
    return msgspec.convert(item, ItemResponse, from_attributes=True)


@get("/health")
async def get_health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/api/v1/users/me")
async def get_me(user: User) -> UserResponse:
    """Read one's own account."""
    return msgspec.convert(user, UserResponse, from_attributes=True)


@get("/api/v1/items/{item_id:uuid}")
async def get_item(item_id: UUID, user: User, db_session: AsyncSession) -> ItemResponse:
    """Read an item."""
    item = await db_session.get(Item, item_id)
    if item is None or item.owner_id != user.id:
        raise NotFoundException
    return shown(item)


@get("/api/v1/items")
async def list_items(
    user: User, db_session: AsyncSession, limit: int = 20, cursor: str | None = None
) -> PageResponse:
    """List one's own items."""
    here, position = tuple_(Item.created_at, Item.id), tuple_(*shared.position_of(cursor))
    query = select(Item).where(Item.owner_id == user.id, here < position)
    query = query.order_by(Item.created_at.desc(), Item.id.desc()).limit(limit + 1)
    items = list((await db_session.scalars(query)).all())
    if len(items) <= limit:
        return PageResponse([shown(each) for each in items], None)
    last = items[limit - 1]
    return PageResponse([shown(each) for each in items[:limit]], shared.cursor_of(last.created_at, last.id))


@post("/api/v1/items")
async def create_item(data: shared.ItemCreate, user: User, db_session: AsyncSession) -> ItemResponse:
    """Create an item."""
    item = Item(**data.model_dump(), owner_id=user.id)
    db_session.add(item)
    await db_session.commit()
    await db_session.refresh(item)
    return shown(item)


engine = create_async_engine("postgresql+asyncpg://", connect_args={"dsn": shared.DATABASE_URL})
app = Litestar(
    [get_health, get_me, get_item, list_items, create_item],
    dependencies={"user": Provide(provide_user)},
    plugins=[SQLAlchemyPlugin(SQLAlchemyAsyncConfig(engine_instance=engine))],
)
