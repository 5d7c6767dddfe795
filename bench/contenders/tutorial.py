"""FastAPI as tutorials have it: an ORM session per request, an ``if`` for the owner, refresh after commit."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bench.contenders import shared
from bench.contenders.tables import Item, User

engine = create_async_engine("postgresql+asyncpg://", connect_args={"dsn": shared.DATABASE_URL})
sessions = async_sessionmaker(engine, expire_on_commit=False)
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token")
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    """A session per request."""
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


async def get_current_user(token: Annotated[str, Depends(oauth2_scheme)], session: Session) -> User:
    """The account of the token."""
    user_id = shared.caller_of(token)
    user = await session.get(User, user_id) if user_id else None
    if user is None or not user.is_active:
        raise HTTPException(401, "Could not validate credentials")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


@app.get("/health")
async def get_health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@app.get("/api/v1/users/me", response_model=shared.UserResponse)
async def get_me(user: CurrentUser) -> User:
    """Read one's own account."""
    return user


@app.get("/api/v1/items/{item_id}", response_model=shared.ItemResponse)
async def get_item(item_id: UUID, user: CurrentUser, session: Session) -> Item:
    """Read an item."""
    item = await session.get(Item, item_id)
    if item is None or item.owner_id != user.id:
        raise HTTPException(404, "Item not found")
    return item


@app.get("/api/v1/items", response_model=shared.PageResponse)
async def list_items(
    user: CurrentUser,
    session: Session,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> dict[str, object]:
    """List one's own items."""
    here, position = tuple_(Item.created_at, Item.id), tuple_(*shared.position_of(cursor))
    query = select(Item).where(Item.owner_id == user.id, here < position)
    query = query.order_by(Item.created_at.desc(), Item.id.desc()).limit(limit + 1)
    items = list((await session.scalars(query)).all())
    if len(items) <= limit:
        return {"items": items, "next_cursor": None}
    last = items[limit - 1]
    return {"items": items[:limit], "next_cursor": shared.cursor_of(last.created_at, last.id)}


@app.post("/api/v1/items", response_model=shared.ItemResponse, status_code=201)
async def create_item(data: shared.ItemCreate, user: CurrentUser, session: Session) -> Item:
    """Create an item."""
    item = Item(**data.model_dump(), owner_id=user.id)
    session.add(item)
    await session.commit()
    await session.refresh(item)
    return item
