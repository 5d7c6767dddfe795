"""Telling who is calling, at every request."""

from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import bindparam, select

from app.core.database import Session
from app.core.errors import NotAuthenticated
from app.core.reads import Rows
from app.core.tokens import AccessTokens
from app.models import LoginSession, User

CALLER = Rows(
    User,
    select(User)
    .join(LoginSession, LoginSession.user_id == User.id)
    .where(User.id == bindparam("user_id"), User.is_active)
    .where(LoginSession.id == bindparam("session_id"), *LoginSession.alive()),
)


class InvalidToken(NotAuthenticated):
    """The access token is malformed, expired, or its session has ended (RFC 6750, section 3.1)."""

    headers = MappingProxyType({"WWW-Authenticate": 'Bearer error="invalid_token"'})


@dataclass(frozen=True, slots=True)
class Login:
    """Who is calling, and in which of their sessions."""

    user: User
    session_id: UUID


@dataclass(frozen=True, slots=True)
class CallerService:
    """Reads access tokens."""

    session: Session
    tokens: AccessTokens

    async def identify(self, token: str) -> Login:
        """Whose token this is, as the account stands now: one query decides token, session and account.

        Raises:
            InvalidToken: the token is not valid, its session has ended or its user is disabled.
        """
        if identity := self.tokens.read(token):
            known = {"user_id": identity.user_id, "session_id": identity.session_id}
            if user := await self.session.one(CALLER, **known):
                return Login(user, identity.session_id)
        raise InvalidToken("The access token is not valid, or no longer.")
