"""Logins with an OpenID Connect provider: those on their way, and whose account a provider's user has."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class OidcLogin(Base):
    """A browser that was sent to the provider; the row goes when it comes back, or expires."""

    __tablename__ = "oidc_logins"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[str]
    verifier: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OidcIdentity(Base):
    """A user of the provider, and the account that is theirs here."""

    __tablename__ = "oidc_identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        # The provider may give an address to somebody else; the account does not change hands with it.
        UniqueConstraint("user_id", "issuer"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    issuer: Mapped[str]
    subject: Mapped[str]
