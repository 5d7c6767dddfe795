"""Sending what is in the outbox: a turn for each endpoint, so that a slow one keeps nobody else waiting."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from app.core.database import Database, Session
from app.core.vault import Vault
from app.core.webhooks.metrics import WebhookMetrics
from app.core.webhooks.sender import Answer, Sender
from app.core.webhooks.signing import signed_headers
from app.models import DeliveryStatus, User, Webhook, WebhookDelivery
from app.services.delivery_outcome import fail, succeed
from app.services.event_service import AT_ONCE, wake

TURN_SECONDS = 10  # after which others get theirs
LEASE = timedelta(seconds=90)  # of a message that is being sent: longer than an attempt can take
KEPT_ATTEMPTS = 20
HEADERS = {"content-type": "application/json", "user-agent": "Shipworthy-Webhooks/1"}
logger = logging.getLogger("app.webhooks")


@dataclass(frozen=True, slots=True)
class Message:
    """One attempt: what to send where, signed by whom."""

    delivery_id: UUID
    webhook_id: UUID
    event_id: UUID
    url: str
    payload: str
    keys: Sequence[str]
    started: datetime


@dataclass(frozen=True)
class DispatchService:
    """Sends messages outside of any transaction, and writes down in a short one what came of it."""

    database: Database
    vault: Vault
    sender: Sender
    metrics: WebhookMetrics

    async def deliver(self, webhook_id: UUID) -> None:
        """Send what is due at an endpoint, one message after the other, for as long as a turn lasts."""
        end = time.monotonic() + TURN_SECONDS
        async with self.database.transaction() as session:
            message = await self._claim(session, webhook_id)
        while message:
            answer = await self._send(message)
            self._observe(message, answer)
            async with self.database.transaction() as session:
                await _write_down(session, message, answer)
                if time.monotonic() > end:
                    await wake(session, webhook_id)
                    return
                message = await self._claim(session, webhook_id)

    async def _claim(self, session: Session, webhook_id: UUID) -> Message | None:
        """A message that is due, if the endpoint may get one more; its row's lock makes claims take turns.

        Who finds it busy can leave: those that keep it busy look again when they have finished.
        """
        if (webhook := await _lock_ready(session, webhook_id)) is None:
            return None
        now = func.statement_timestamp()  # after the wait for the lock: now() would miss the newest
        mine = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
        sending = mine.where(
            WebhookDelivery.status == DeliveryStatus.SENDING, WebhookDelivery.next_attempt_at > now
        )
        busy = await session.scalar(select(func.count()).select_from(sending.subquery()))
        if (busy or 0) >= (1 if webhook.failing_since else AT_ONCE):
            return None
        due = mine.where(WebhookDelivery.next_attempt_at <= now).order_by(WebhookDelivery.next_attempt_at)
        if (row := await session.scalar(due.limit(1))) is None:
            return None
        row.status, row.next_attempt_at = DeliveryStatus.SENDING, now + LEASE
        return self._message(webhook, row)

    def _message(self, webhook: Webhook, row: WebhookDelivery) -> Message:
        now = datetime.now(UTC)
        sealed = [webhook.sealed]
        if webhook.previous_sealed and webhook.previous_until and webhook.previous_until > now:
            sealed.append(webhook.previous_sealed)
        keys = [self.vault.open(each, str(webhook.id)) for each in sealed]
        known = [key for key in keys if key is not None]
        return Message(row.id, webhook.id, row.event_id, webhook.url, row.payload, known, now)

    async def _send(self, message: Message) -> Answer:
        if not message.keys:
            return Answer(0, error="secret unreadable")
        try:
            signed = signed_headers(message.keys, str(message.event_id), message.started, message.payload)
            return await self.sender.post(message.url, {**HEADERS, **signed}, message.payload.encode())
        except Exception:  # a mistake of ours is this message's failure, and must not stop the others
            logger.exception("webhook failed")
            return Answer(0, error="internal error")

    def _observe(self, message: Message, answer: Answer) -> None:
        outcome = "accepted" if answer.accepted else "refused" if answer.status else answer.error
        self.metrics.attempts.labels(outcome).inc()
        self.metrics.duration.observe(answer.seconds)
        about = {
            "webhook": str(message.webhook_id),
            "delivery": str(message.delivery_id),
            "outcome": outcome,
            "status": answer.status,
            "duration_ms": round(answer.seconds * 1000),
        }
        logger.info("webhook sent", extra=about)  # without its URL: many a receiver's has a secret in it


async def _write_down(session: Session, message: Message, answer: Answer) -> None:
    lock = {"key_share": True}  # FOR NO KEY UPDATE: new messages for the endpoint need not wait
    webhook = await session.get(Webhook, message.webhook_id, with_for_update=lock)
    row = await session.get(WebhookDelivery, message.delivery_id)
    if webhook is None or row is None:  # deleted meanwhile
        return
    row.attempts = [*row.attempts, _attempt(message, answer)][-KEPT_ATTEMPTS:]
    if answer.accepted:
        await succeed(session, webhook, row)
    elif row.status != DeliveryStatus.SUCCEEDED:
        await fail(session, webhook, row, answer)


async def _lock_ready(session: Session, webhook_id: UUID) -> Webhook | None:
    """The endpoint, if messages may be sent to it at all at the moment."""
    query = (
        select(Webhook)
        .join(User, User.id == Webhook.user_id)
        .where(Webhook.id == webhook_id, Webhook.is_active, User.is_active)
        .where(or_(Webhook.paused_until.is_(None), Webhook.paused_until <= func.now()))
    )
    locked = query.with_for_update(of=Webhook, key_share=True)
    return await session.scalar(locked.execution_options(populate_existing=True))  # as it was written down


def _attempt(message: Message, answer: Answer) -> dict[str, Any]:
    return {
        "started_at": message.started.isoformat(),
        "duration_ms": round(answer.seconds * 1000),
        "status_code": answer.status,
        "error": answer.error,
        "response": answer.text,
    }
