"""Accounts."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Changing


class Role(StrEnum):
    """What an account may do."""

    USER = "user"
    ADMIN = "admin"


class User(Changing, Base):
    """A person who can log in."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('user', 'admin')", name="role"),
        CheckConstraint("age BETWEEN 0 AND 150", name="age"),
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
