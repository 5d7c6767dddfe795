"""Webhook endpoints: kept by their owner, checked before that, each with a secret that is shown once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import MISSING
from sqlalchemy import bindparam, func, select, update
from uuid_utils.compat import uuid7

from app.core.database import Session
from app.core.errors import Conflict, Fault, Invalid, NotFound
from app.core.preconditions import Expected, check
from app.core.vault import Vault
from app.core.webhooks.egress import Guard, TargetNotAllowed
from app.core.webhooks.signing import make_secret
from app.core.webhooks.targets import Target
from app.models import Action, DeliveryStatus, User, Webhook, WebhookDelivery
from app.schemas.webhook import (
    WebhookCreate,
    WebhookCreated,
    WebhookParameters,
    WebhookResponse,
    WebhookUpdate,
)
from app.services.audit_service import AuditService
from app.services.paging import Listing, Pager, Slice

WEBHOOKS = Listing(Webhook, {"user_id": Webhook.user_id == bindparam("user_id")})

MAX_ENDPOINTS = 10  # of one user: each change is stored and sent once for each
OVERLAP = timedelta(hours=24)  # in which the secret before a rotation signs, too
INSIDE = Fault("/url", "not_allowed", "Endpoints have a public address, https and a usual port")


class WebhookNotFound(NotFound):
    """You have no such webhook."""


class TooManyWebhooks(Conflict):
    """You have as many webhooks as you may have; delete one first."""


class UrlNotAllowed(Invalid):
    """The URL leads inside, not to the public internet, or its scheme or port is not allowed."""


@dataclass(frozen=True)
class WebhookService:
    """Makes, lists, changes and deletes endpoints."""

    session: Session
    vault: Vault
    guard: Guard
    pager: Pager
    audit: AuditService

    async def create(self, user: User, data: WebhookCreate) -> WebhookCreated:
        """Add an endpoint; the answer, and that to a rotation, are the only places that have the secret.

        Raises:
            UrlNotAllowed: it is not for us to call.
            TooManyWebhooks: the user has enough.
        """
        await self._check(data.url)
        if await self._count(user) >= MAX_ENDPOINTS:
            raise TooManyWebhooks(f"You have {MAX_ENDPOINTS} webhooks already.")
        secret, row_id = make_secret(), uuid7()
        row = Webhook(id=row_id, user_id=user.id, sealed=self._seal(secret, row_id), **data.model_dump())
        self.session.add(row)
        await self.session.flush()  # the answer carries what the database computed
        await self._note(user, has_webhooks=True)
        self.audit.record(Action.WEBHOOK_CREATED, actor=user.id, target=row.id)
        return _with_secret(row, secret)

    async def page(self, user: User, parameters: WebhookParameters) -> Slice[Webhook]:
        """List a user's endpoints."""
        return await self.pager.read(WEBHOOKS, parameters, user_id=user.id)

    async def get(self, user: User, webhook_id: UUID, *, lock: bool = False) -> Webhook:
        """Find an endpoint.

        Raises:
            WebhookNotFound: there is none, or it is somebody else's.
        """
        query = select(Webhook).where(Webhook.id == webhook_id, Webhook.user_id == user.id)
        if row := await self.session.scalar(query.with_for_update() if lock else query):
            return row
        raise WebhookNotFound("You have no such webhook.")

    async def update(self, user: User, webhook_id: UUID, data: WebhookUpdate, expected: Expected) -> Webhook:
        """Change an endpoint. Switched off, it gives up what waits; switched on, it has failed at nothing.

        Raises:
            WebhookNotFound: there is none, or it is somebody else's.
            UrlNotAllowed: it is not for us to call.
            VersionChanged: it is no longer as expected.
        """
        if data.url is not MISSING:
            await self._check(data.url)  # before the lock: it may take a second
        row = await self.get(user, webhook_id, lock=True)
        check(expected, row)
        for name, value in data.model_dump().items():
            setattr(row, name, value)
        if data.is_active is False:
            await give_up(self.session, row.id)
        elif data.is_active is True:
            row.failing_since = row.paused_until = None
        await self.session.flush()  # the answer carries the new version
        self.audit.record(Action.WEBHOOK_CHANGED, actor=user.id, target=row.id)
        return row

    async def rotate(self, user: User, webhook_id: UUID) -> WebhookCreated:
        """Make a new secret. For a day messages carry a signature by the old one, too.

        Raises:
            WebhookNotFound: there is none, or it is somebody else's.
        """
        row = await self.get(user, webhook_id, lock=True)
        secret = make_secret()
        row.previous_sealed, row.previous_until = row.sealed, datetime.now(UTC) + OVERLAP
        row.sealed = self._seal(secret, row.id)
        await self.session.flush()  # the answer carries the new version
        self.audit.record(Action.WEBHOOK_SECRET_ROTATED, actor=user.id, target=row.id)
        return _with_secret(row, secret)

    async def delete(self, user: User, webhook_id: UUID, expected: Expected) -> None:
        """Remove an endpoint, and the messages for it.

        Raises:
            WebhookNotFound: there is none, or it is somebody else's.
            VersionChanged: it is no longer as expected.
        """
        left = await self._count(user) - 1
        row = await self.get(user, webhook_id, lock=True)
        check(expected, row)
        await self.session.delete(row)
        await self._note(user, has_webhooks=left > 0)
        self.audit.record(Action.WEBHOOK_DELETED, actor=user.id, target=webhook_id)

    async def _check(self, url: str) -> None:
        try:
            await self.guard.glance(Target.parse(url))
        except TargetNotAllowed as error:
            raise UrlNotAllowed("Webhooks are not sent there.", INSIDE) from error

    async def _count(self, user: User) -> int:
        """As it stands now; requests that change it take turns."""
        await self.session.refresh(user, with_for_update=True)
        query = select(func.count()).select_from(Webhook).where(Webhook.user_id == user.id)
        return await self.session.scalar(query) or 0

    async def _note(self, user: User, *, has_webhooks: bool) -> None:
        """For those who change items; nobody else sees it, so the account keeps its version."""
        mine = update(User).where(User.id == user.id)
        await self.session.execute(mine.values(has_webhooks=has_webhooks, updated_at=User.updated_at))

    def _seal(self, secret: str, webhook_id: UUID) -> bytes:
        return self.vault.seal(secret, str(webhook_id))


async def give_up(session: Session, webhook_id: UUID) -> None:
    """Send nothing of what waits for an endpoint; it can be sent again one by one."""
    waiting = update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.status == DeliveryStatus.PENDING
    )
    await session.execute(waiting.values(status=DeliveryStatus.FAILED, next_attempt_at=None))


def _with_secret(row: Webhook, secret: str) -> WebhookCreated:
    return WebhookCreated(secret=secret, **WebhookResponse.model_validate(row).model_dump())
