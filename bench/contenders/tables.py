"""The two tables as ORM entities, for the contenders that use an ORM."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Text, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uuid_utils.compat import uuid7


class Base(DeclarativeBase):
    """A row."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class User(Base):
    """A person who can log in."""

    __tablename__ = "users"

    email: Mapped[str]
    name: Mapped[str]
    age: Mapped[int | None]
    role: Mapped[str]
    is_active: Mapped[bool]
    email_verified: Mapped[bool]
    two_factor: Mapped[bool]


class Item(Base):
    """A thing that a user keeps."""

    __tablename__ = "items"

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    description: Mapped[str | None]
    status: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
