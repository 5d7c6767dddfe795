"""The outbox as a whole: no message is left lying, and none is kept for ever."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, or_, select

from app.core.database import Session
from app.core.queue import enqueue
from app.models import User, Webhook, WebhookDelivery
from app.services.event_service import DELIVER

OVERDUE = timedelta(seconds=30)
ENDPOINTS = 1000  # that are woken at a time
BATCH = 5000


@dataclass(frozen=True)
class OutboxService:
    """Looks after messages that nobody asks for."""

    session: Session

    async def wake_overdue(self) -> None:
        """Send what should have been sent: its worker was killed, or its account came back."""
        query = (
            select(WebhookDelivery.webhook_id)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .join(User, User.id == Webhook.user_id)
            .where(WebhookDelivery.next_attempt_at < func.now() - OVERDUE, Webhook.is_active, User.is_active)
            .where(or_(Webhook.paused_until.is_(None), Webhook.paused_until < func.now()))
        )
        for webhook_id in await self.session.scalars(query.distinct().limit(ENDPOINTS)):
            await enqueue(self.session, DELIVER, unique=f"overdue:{webhook_id}", webhook_id=webhook_id)

    async def sweep(self, age: timedelta) -> int:
        """Delete a batch of old messages; how many."""
        old = select(WebhookDelivery.id).where(WebhookDelivery.created_at < func.now() - age).limit(BATCH)
        gone = delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)).returning(WebhookDelivery.id)
        return len((await self.session.scalars(gone)).all())
