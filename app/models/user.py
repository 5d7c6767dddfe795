"""Accounts."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text, column, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Changing
from app.models.search import words


class Role(StrEnum):
    """What an account may do."""

    USER = "user"
    ADMIN = "admin"


USER_TEXTS = (column("name", Text), column("email", Text))


class User(Changing, Base):
    """A person who can log in."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('user', 'admin')", name="role"),
        CheckConstraint("age BETWEEN 0 AND 150", name="age"),
        Index("ix_users_created_at", "created_at", "id"),
        Index("ix_users_role_created_at", "role", "created_at", "id"),
        Index("ix_users_words", words(USER_TEXTS), postgresql_using="gin"),
    )

    email: Mapped[str]
    # Equal for every spelling of one mailbox; the constraint decides who was first.
    email_canonical: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    name: Mapped[str]
    age: Mapped[int | None]
    role: Mapped[str] = mapped_column(default=Role.USER, server_default=Role.USER)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    email_verified: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    two_factor: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # So that a change of somebody without webhooks, which is nearly everybody, need not look for any.
    has_webhooks: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
