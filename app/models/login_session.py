"""Logins. An access token names its session, so that ending the session ends the token."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Changing


class LoginSession(Changing, Base):
    """One login on one device, and the family of its refresh tokens."""

    __tablename__ = "login_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    device: Mapped[str | None]
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @classmethod
    def alive(cls) -> tuple[ColumnElement[bool], ...]:
        """Conditions that a session has neither ended nor expired."""
        return cls.ended_at.is_(None), cls.expires_at > func.now()


class RefreshToken(Base):
    """A refresh token that was given out, kept as a hash; used ones stay, so that a replay is recognised."""

    __tablename__ = "refresh_tokens"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("login_sessions.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    used_at: Mapped[datetime | None]
