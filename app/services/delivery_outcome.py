"""What an attempt means: when the message is tried again, and whether its endpoint is left alone."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from sqlalchemy import update

from app.core.database import Session
from app.core.queue import Task, enqueue
from app.core.webhooks.schedule import next_delay, pause_after
from app.core.webhooks.sender import Answer
from app.models import Action, AuditEvent, DeliveryStatus, Webhook, WebhookDelivery
from app.services.event_service import wake
from app.services.webhook_service import give_up

SEND_DISABLED = Task("mail.webhook_disabled", queue="mail")
GONE = "it answered that it is gone (410)"
FAILING = "no message has reached it for days"
PERSISTENT = timedelta(days=3)  # without a success, when a message has had its last attempt


async def succeed(session: Session, webhook: Webhook, row: WebhookDelivery) -> None:
    """The receiver has it, and is well."""
    row.status, row.next_attempt_at = DeliveryStatus.SUCCEEDED, None
    if webhook.failing_since:
        await _note(session, webhook, None, None)


async def fail(session: Session, webhook: Webhook, row: WebhookDelivery, answer: Answer) -> None:
    """Try again on the schedule, unless that has ended or nobody wants to hear any more."""
    now = datetime.now(UTC)
    row.tries += 1
    delay = next_delay(row.tries)
    pause = pause_after(answer.status, answer.retry_after, now, again=webhook.failing_since is not None)
    since = webhook.failing_since or now
    if answer.status == HTTPStatus.GONE or (delay is None and now - since >= PERSISTENT):
        await disable(session, webhook, GONE if answer.status == HTTPStatus.GONE else FAILING)
    if delay is None or not webhook.is_active:
        row.status, row.next_attempt_at = DeliveryStatus.FAILED, None
    else:
        delay = max(delay, pause or delay)
        row.status, row.next_attempt_at = DeliveryStatus.PENDING, now + delay
        await wake(session, webhook.id, delay)
    if pause and webhook.is_active:
        await wake(session, webhook.id, pause)  # for what others wanted to send meanwhile
    await _note(session, webhook, since, now + pause if pause else webhook.paused_until)


async def disable(session: Session, webhook: Webhook, reason: str) -> None:
    """Send nothing more, until the owner activates it again."""
    webhook.is_active = False
    await give_up(session, webhook.id)
    session.add(AuditEvent(action=Action.WEBHOOK_DISABLED, target_id=webhook.id))
    await enqueue(session, SEND_DISABLED, webhook_id=webhook.id, reason=reason)


async def _note(
    session: Session, webhook: Webhook, failing_since: datetime | None, paused_until: datetime | None
) -> None:
    """How an endpoint is doing is not part of it as its owner sees it, and so of no version."""
    this = update(Webhook).where(Webhook.id == webhook.id).execution_options(synchronize_session=False)
    health = {"failing_since": failing_since, "paused_until": paused_until}
    await session.execute(this.values(**health, updated_at=Webhook.updated_at))
