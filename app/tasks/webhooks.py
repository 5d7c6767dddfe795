"""Sending webhooks, and what the clock does for them."""

from datetime import timedelta
from uuid import UUID

from app.core.queue import Task
from app.services.dispatch_service import DispatchService
from app.services.event_service import DELIVER
from app.services.outbox_service import BATCH, OutboxService
from app.tasks.registry import Tasks, Work

tasks = Tasks()
WAKE_OVERDUE = Task("webhooks.wake_overdue")
SWEEP_DELIVERIES = Task("webhooks.sweep_deliveries")


@tasks.on(DELIVER)
async def deliver(work: Work, webhook_id: UUID) -> None:
    """Send an endpoint's messages that are due."""
    has = work.resources
    service = DispatchService(has.database, has.vault, has.sender, has.webhook_metrics)
    await service.deliver(webhook_id)


@tasks.cron("* * * * *", WAKE_OVERDUE)
async def wake_overdue(work: Work) -> None:
    """Find what a killed worker was sending, and whatever else nobody has come for."""
    async with work.transaction() as session:
        await OutboxService(session).wake_overdue()


@tasks.cron("45 * * * *", SWEEP_DELIVERIES)
async def sweep_deliveries(work: Work) -> None:
    """Delete old deliveries, a batch a transaction."""
    age, gone = timedelta(days=work.resources.settings.webhook.retention_days), BATCH
    while gone == BATCH:
        async with work.transaction() as session:
            gone = await OutboxService(session).sweep(age)
