"""Logging in, and telling who is calling."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotAuthenticated
from app.core.passwords import PasswordHasher, normalise
from app.core.text import parse_email
from app.core.tokens import AccessTokens
from app.models import LoginSession, User
from app.schemas.auth import LoginForm


class BadCredentials(NotAuthenticated):
    """No active account has this address and password."""


class InvalidToken(NotAuthenticated):
    """The access token is malformed, expired, or its session has ended (RFC 6750, section 3.1)."""

    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # noqa: RUF012 - see DomainError.headers


@dataclass(frozen=True, slots=True)
class Login:
    """Who is calling, and in which of their sessions."""

    user: User
    session_id: UUID


class AuthService:
    """Checks passwords and access tokens."""

    def __init__(self, session: AsyncSession, passwords: PasswordHasher, tokens: AccessTokens) -> None:
        self.session = session
        self.passwords = passwords
        self.tokens = tokens

    async def authenticate(self, form: LoginForm) -> UUID:
        """The user whose address and password these are.

        Raises:
            BadCredentials: unknown address, wrong password or disabled account; which one is not said.
        """
        query = select(User.id, User.password_hash).where(
            User.email_canonical == _canonical(form.username), User.is_active
        )
        account = (await self.session.execute(query)).one_or_none()
        await self.session.rollback()  # hashing waits its turn: give the connection back meanwhile
        password = normalise(form.password.get_secret_value())
        known = await self.passwords.verify(password, account.password_hash if account else None)
        if account is None or not known:
            raise BadCredentials("Wrong email or password.")
        user_id: UUID = account.id
        return user_id

    async def identify(self, token: str) -> Login:
        """Whose token this is, as the account stands now: one query decides token, session and account.

        Raises:
            InvalidToken: the token is not valid, its session has ended or its user is disabled.
        """
        if identity := self.tokens.read(token):
            query = (
                select(User)
                .join(LoginSession, LoginSession.user_id == User.id)
                .where(User.id == identity.user_id, User.is_active)
                .where(LoginSession.id == identity.session_id, *LoginSession.alive())
            )
            if user := await self.session.scalar(query):
                return Login(user, identity.session_id)
        raise InvalidToken("The access token is not valid, or no longer.")


def _canonical(email: str) -> str | None:
    try:
        return parse_email(email)[1]
    except ValueError:
        return None
