"""Login sessions: opened by a login, kept alive by refresh tokens, ended by their owner or by a replay."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select, update

from app.core.database import Session
from app.core.errors import NotAuthenticated, NotFound
from app.core.opaque_tokens import fingerprint
from app.core.refresh_tokens import RefreshTokens
from app.core.tokens import AccessTokens, Identity
from app.models import Action, LoginSession, RefreshToken, User
from app.schemas.auth import RefreshRequest, SessionParameters, Token
from app.services.audit_service import AuditService
from app.services.paging import Listing, Pager, Slice

LIFETIME = timedelta(days=30)  # since the last refresh
SESSIONS = Listing(
    LoginSession, {"user_id": LoginSession.user_id == bindparam("user_id")}, LoginSession.alive()
)
GRACE = timedelta(seconds=10)  # in which a lost answer may be asked for again


class InvalidRefreshToken(NotAuthenticated):
    """The refresh token is unknown, or its session has ended."""


class RefreshTokenReused(NotAuthenticated):
    """A used refresh token came back: somebody has a copy, so its session is over (RFC 9700, 4.14.2)."""

    keeps_writes = True


class SessionNotFound(NotFound):
    """You have no such session, or it has ended."""


@dataclass(frozen=True)
class SessionService:
    """Opens, refreshes, lists and ends login sessions."""

    session: Session
    access: AccessTokens
    refresh_tokens: RefreshTokens
    pager: Pager
    audit: AuditService

    async def open(self, user_id: UUID, device: str | None) -> Token:
        """Start a session and the family of its refresh tokens."""
        login = await self.begin(user_id, device, LIFETIME)
        return await self._grant(login, self.refresh_tokens.first())

    async def begin(self, user_id: UUID, device: str | None, lifetime: timedelta) -> LoginSession:
        """Start a session that nothing refreshes."""
        now = datetime.now(UTC)
        login = LoginSession(user_id=user_id, device=device, last_used_at=now, expires_at=now + lifetime)
        self.session.add(login)
        await self.session.flush()  # tokens name the session's id
        self.audit.record(Action.LOGGED_IN, actor=user_id, target=login.id)
        return login

    async def refresh(self, token: str) -> Token:
        """Exchange a refresh token for new tokens; it works once.

        Raises:
            InvalidRefreshToken: it is not ours, or its session has ended.
            RefreshTokenReused: it was used before; its session has ended now.
        """
        login = await self._lock_session(token)
        known = await self.session.scalar(
            select(RefreshToken).where(RefreshToken.token_hash == fingerprint(token))
        )
        if login is None or known is None:
            raise InvalidRefreshToken("The refresh token is not valid, or no longer.")
        now, successor = datetime.now(UTC), self.refresh_tokens.successor(token)
        login.last_used_at, login.expires_at = now, now + LIFETIME
        if known.used_at is None:
            known.used_at = now
            self.audit.record(Action.SESSION_REFRESHED, actor=login.user_id, target=login.id)
            return await self._grant(login, successor)
        if now - known.used_at > GRACE or await self._is_used(successor):
            login.ended_at = now
            self.audit.record(Action.TOKEN_REUSED, actor=None, target=login.user_id)
            raise RefreshTokenReused("The refresh token was used before. Log in again.")
        return self._token(login, successor)

    async def page(self, user: User, parameters: SessionParameters) -> Slice[LoginSession]:
        """List the sessions that have not ended."""
        return await self.pager.read(SESSIONS, parameters, user_id=user.id)

    async def end(self, user: User, session_id: UUID) -> None:
        """End one session: its tokens are refused from the next request on.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """
        mine = update(LoginSession).where(LoginSession.id == session_id, LoginSession.user_id == user.id)
        ended = mine.where(*LoginSession.alive()).values(ended_at=datetime.now(UTC))
        if await self.session.scalar(ended.returning(LoginSession.id)) is None:
            raise SessionNotFound("You have no such session.")
        self.audit.record(Action.LOGGED_OUT, actor=user.id, target=session_id)

    async def end_by_token(self, user: User, data: RefreshRequest | None) -> None:
        """End the session of a refresh token, if it is the user's; there is nothing to tell if it is not."""
        if data is not None:
            login = await self._lock_session(data.refresh_token.get_secret_value())
            if login is not None and login.user_id == user.id:
                login.ended_at = datetime.now(UTC)

    async def end_all(self, user: User, *, but: UUID | None = None, by: User | None = None) -> None:
        """End every session of a user, except perhaps the one that asks; an administrator may ask, too."""
        mine = update(LoginSession).where(LoginSession.user_id == user.id, LoginSession.id != but)
        await self.session.execute(mine.where(*LoginSession.alive()).values(ended_at=datetime.now(UTC)))
        self.audit.record(Action.LOGGED_OUT_EVERYWHERE, actor=(by or user).id, target=user.id)

    async def _lock_session(self, token: str) -> LoginSession | None:
        """Two refreshes of one family take turns, so that each sees what the other did."""
        query = (
            select(LoginSession)
            .join(RefreshToken, RefreshToken.session_id == LoginSession.id)
            .join(User, User.id == LoginSession.user_id)
            .where(RefreshToken.token_hash == fingerprint(token), User.is_active, *LoginSession.alive())
        )
        return await self.session.scalar(query.with_for_update(of=LoginSession))

    async def _is_used(self, token: str) -> bool:
        query = select(RefreshToken.used_at).where(RefreshToken.token_hash == fingerprint(token))
        return await self.session.scalar(query) is not None

    async def _grant(self, login: LoginSession, refresh_token: str) -> Token:
        self.session.add(RefreshToken(session_id=login.id, token_hash=fingerprint(refresh_token)))
        await self.session.flush()  # a token that cannot be stored must not be given out
        return self._token(login, refresh_token)

    def _token(self, login: LoginSession, refresh_token: str) -> Token:
        identity = Identity(user_id=login.user_id, session_id=login.id)
        return Token(
            access_token=self.access.issue(identity),
            expires_in=int(self.access.lifetime.total_seconds()),
            refresh_token=refresh_token,
            refresh_expires_in=int(LIFETIME.total_seconds()),
        )
