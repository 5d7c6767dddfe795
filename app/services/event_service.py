"""Events: what users' webhooks hear of, written in the transaction of what happened."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from app.core.database import Session
from app.core.queue import Task, backoff, enqueue
from app.models import User, Webhook, WebhookDelivery
from app.schemas.base import Output
from app.schemas.webhook import Event

AT_ONCE = 4  # messages on their way to one endpoint
# Takes turns with an endpoint until nothing is due there. Failed attempts at messages are no failures of it.
DELIVER = Task("webhooks.deliver", queue="webhooks", delays=backoff(5), timeout=120)


@dataclass(frozen=True)
class EventService:
    """Puts a message into the outbox of each endpoint of the owner that wants to hear of an event."""

    session: Session

    def may_concern(self, owner_id: UUID, caller: User) -> bool:
        """Whether to look for endpoints at all: nearly nobody has any, and the caller's row says so."""
        return owner_id != caller.id or caller.has_webhooks

    async def publish(self, event: Event, owner_id: UUID, things: Sequence[Output]) -> None:
        """Tell the owner's endpoints of things, as the API shows them."""
        wanted = Webhook.is_active & Webhook.events.contains([event])
        query = select(Webhook.id).where(Webhook.user_id == owner_id, wanted)
        if not (webhook_ids := (await self.session.scalars(query)).all()):
            return
        messages = [(uuid7(), write(event, thing)) for thing in things]
        await self.session.execute(
            insert(WebhookDelivery),
            [
                {"webhook_id": webhook_id, "event_id": event_id, "event": event, "payload": payload}
                for webhook_id in webhook_ids
                for event_id, payload in messages
            ],
        )
        for webhook_id in webhook_ids:
            for _ in range(min(AT_ONCE, len(messages))):
                await wake(self.session, webhook_id)


async def wake(session: Session, webhook_id: UUID, after: timedelta = timedelta(0)) -> None:
    """Have an endpoint's messages sent that are due then."""
    at = datetime.now(UTC) + after if after else None
    await enqueue(session, DELIVER, at=at, webhook_id=webhook_id)


def write(event: Event, thing: Output) -> str:
    """The body of a message; these very characters are signed and sent."""
    moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    body = {"type": event, "timestamp": moment, "data": thing.model_dump(mode="json")}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
