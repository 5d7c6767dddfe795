"""What the Python contenders have in common: the same tokens, statements and rules of an item."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

DATABASE_URL = os.environ["DATABASE_URL"]
SECRET = os.environ["APP_SECRET_KEY"]
POOL_SIZE = 10  # as the service's

ITEM_FIELDS = (
    "id, owner_id, title, description, status, tags, price_minor, currency, version, created_at, updated_at"
)
USER_FIELDS = "id, email, name, age, role, is_active, email_verified, two_factor, created_at, updated_at"
USER = f"SELECT {USER_FIELDS} FROM users WHERE id = $1 AND is_active"  # noqa: S608 - constants
ITEM = f"SELECT {ITEM_FIELDS} FROM items WHERE id = $1 AND owner_id = $2"  # noqa: S608
PAGE = f"SELECT {ITEM_FIELDS} FROM items WHERE owner_id = $1 AND (created_at, id) < ($2, $3)"  # noqa: S608
PAGE += " ORDER BY created_at DESC, id DESC LIMIT $4"
CREATE = "INSERT INTO items (id, owner_id, title, description, status, tags, price_minor, currency)"
CREATE += f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {ITEM_FIELDS}"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
FIRST_PAGE = (datetime.fromisoformat("9999-01-01T00:00:00Z"), UUID(int=2**128 - 1))


class ItemCreate(BaseModel):
    """A new item, held to the service's rules."""

    model_config = ConfigDict(strict=True, extra="forbid")

    title: Text
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None = None
    status: Literal["draft", "active", "archived"] = "draft"
    tags: list[Tag] = Field(default=[], max_length=20)
    price_minor: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None

    @model_validator(mode="after")
    def _price_with_currency(self) -> Self:
        if (self.price_minor is None) != (self.currency is None):
            raise ValueError("price_minor and currency go together")
        return self


class ItemResponse(BaseModel):
    """An item."""

    model_config = ConfigDict(from_attributes=True)

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


class UserResponse(BaseModel):
    """An account."""

    model_config = ConfigDict(from_attributes=True)

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


class PageResponse(BaseModel):
    """A part of a list."""

    items: list[ItemResponse]
    next_cursor: str | None


def caller_of(token: str) -> UUID | None:
    """Whom a token speaks for; nobody unless its signature, its times and its names are right."""
    try:
        claims = jwt.decode(token, SECRET, ["HS256"], audience="shipworthy", issuer="shipworthy")
        return UUID(claims["sub"])
    except (jwt.InvalidTokenError, KeyError, ValueError):
        return None


def position_of(cursor: str | None) -> tuple[datetime, UUID]:
    """Where a page begins."""
    if cursor is None:
        return FIRST_PAGE
    created_at, _, item_id = urlsafe_b64decode(cursor).decode().partition(",")
    return datetime.fromisoformat(created_at), UUID(item_id)


def cursor_of(created_at: datetime, item_id: UUID) -> str:
    """The position after a row."""
    return urlsafe_b64encode(f"{created_at.isoformat()},{item_id}".encode()).decode()


def page_of(rows: list[Any], limit: int) -> tuple[list[Any], str | None]:
    """The rows of a page that was read with one more, and the cursor of the next page if there is one."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], cursor_of(last["created_at"], last["id"])


def new_item(item_id: UUID, owner_id: UUID, data: ItemCreate) -> tuple[Any, ...]:
    """The values of ``CREATE``."""
    given = (data.title, data.description, data.status, data.tags, data.price_minor, data.currency)
    return (item_id, owner_id, *given)
