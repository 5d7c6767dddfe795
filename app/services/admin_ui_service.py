"""The admin UI's own: who is at it, and what its front page tells. All else is done by the usual services."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text, update

from app.core.database import Session
from app.core.errors import Forbidden, NotAuthenticated
from app.core.tokens import Identity
from app.models import Action, AuditEvent, LoginSession, Role, User, Webhook
from app.schemas.audit_event import AuditParameters
from app.schemas.auth import LoginForm
from app.schemas.webhook import WebhookParameters
from app.services.audit_service import EVENTS, AuditService
from app.services.auth_service import AuthService
from app.services.caller_service import CALLER, Login
from app.services.paging import Pager, Slice
from app.services.session_service import SessionService
from app.services.webhook_service import WEBHOOKS, WebhookNotFound

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)
SELDOM = timedelta(minutes=1)  # not every page writes that its reader is still there
# What is counted stops where nobody counts on, and each part has an index or is swept: no page takes longer
# because there is much.
COUNTS = text("""
    SELECT
        (SELECT count(*) FROM (SELECT FROM users LIMIT :most) AS bounded) AS users,
        (SELECT count(*) FROM (SELECT FROM items LIMIT :most) AS bounded) AS items,
        (SELECT count(*) FROM (
            SELECT FROM procrastinate_jobs WHERE status = 'failed' LIMIT :most
        ) AS bounded) AS dead,
        (SELECT count(*) FROM (
            SELECT FROM webhooks WHERE failing_since IS NOT NULL AND is_active LIMIT :most
        ) AS bounded) AS failing,
        (SELECT coalesce(json_object_agg(status, number), '{}') FROM (
            SELECT status, count(*) AS number FROM (
                SELECT status FROM jobs ORDER BY created_at DESC LIMIT :most
            ) AS newest GROUP BY status
        ) AS by_status) AS jobs
""")
MOST = 10_001


class AdminLoginNeeded(NotAuthenticated):
    """Nobody is logged in to the admin UI with this browser, or no longer."""


class AdminUiForbidden(Forbidden):
    """The admin UI is for administrators."""

    keeps_writes = True


@dataclass(frozen=True)
class AdminLogins:
    """Lets administrators in, and out as soon as they are none."""

    session: Session
    auth: AuthService
    sessions: SessionService
    audit: AuditService

    async def enter(self, form: LoginForm, address: str, device: str | None) -> Identity:
        """Log in, as everywhere else; the session ends after an hour in which nothing is asked for.

        Raises:
            BadCredentials: unknown address, wrong password or disabled account.
            SecondFactorRequired: the account asks for a code as well.
            BadSecondFactor: that code is wrong.
            TooManyRequests: too many failures.
            AdminUiForbidden: it is no administrator's account.
        """
        user_id = await self.auth.authenticate(form, address)
        role = await self.session.scalar(select(User.role).where(User.id == user_id))
        if role != Role.ADMIN:
            self.audit.record(Action.LOGIN_FAILED, actor=user_id, target=user_id)
            raise AdminUiForbidden("This is for administrators.")
        login = await self.sessions.begin(user_id, device, IDLE)
        return Identity(user_id=user_id, session_id=login.id)

    async def identify(self, identity: Identity | None) -> Login:
        """Who this is, as account and session stand now.

        Raises:
            AdminLoginNeeded: the session has ended, or the account is disabled.
            AdminUiForbidden: they are no administrator any more.
        """
        known = {"user_id": identity.user_id, "session_id": identity.session_id} if identity else None
        user = await self.session.one(CALLER, **known) if known else None
        if identity is None or user is None:
            raise AdminLoginNeeded("Log in to go on.")
        if user.role != Role.ADMIN:
            raise AdminUiForbidden("This is for administrators.")
        await self._stay(identity.session_id)
        return Login(user, identity.session_id)

    async def _stay(self, session_id: UUID) -> None:
        now = datetime.now(UTC)
        mine = update(LoginSession).where(
            LoginSession.id == session_id, LoginSession.last_used_at < now - SELDOM
        )
        expiry = func.least(LoginSession.created_at + LONGEST, now + IDLE)
        await self.session.execute(mine.values(last_used_at=now, expires_at=expiry))


@dataclass(frozen=True)
class AdminReader:
    """What no other service tells: the front page's numbers, everybody's webhooks, whose an id is."""

    session: Session
    pager: Pager

    async def count(self) -> Row[Any]:
        """How much there is of everything."""
        return (await self.session.execute(COUNTS, {"most": MOST})).one()

    async def emails(self, user_ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
        """The addresses of those who still have an account."""
        query = select(User.id, User.email).where(User.id.in_({each for each in user_ids if each}))
        return {row.id: row.email for row in await self.session.execute(query)}

    async def trail(self, parameters: AuditParameters) -> Sequence[AuditEvent]:
        """The newest events of a kind."""
        return (await self.pager.read(EVENTS, parameters)).items

    async def failing_webhooks(self) -> Sequence[Webhook]:
        """Those that have failed longest."""
        failing = select(Webhook).where(Webhook.failing_since.is_not(None), Webhook.is_active)
        return (await self.session.scalars(failing.order_by(Webhook.failing_since).limit(5))).all()

    async def webhooks(self, parameters: WebhookParameters) -> Slice[Webhook]:
        """Everybody's webhooks."""
        return await self.pager.read(WEBHOOKS, parameters)

    async def webhook(self, webhook_id: UUID) -> Webhook:
        """Anybody's webhook.

        Raises:
            WebhookNotFound: there is none.
        """
        if row := await self.session.get(Webhook, webhook_id):
            return row
        raise WebhookNotFound("There is no such webhook.")
