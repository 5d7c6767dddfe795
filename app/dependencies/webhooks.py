"""The caller's webhooks, and the one that the path names."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.dependencies.callers import CurrentUser
from app.dependencies.resources import Work, of_work
from app.models import Webhook
from app.services.delivery_service import DeliveryService
from app.services.webhook_service import WebhookService


def get_webhooks(work: Work) -> WebhookService:
    """Webhooks."""
    state = work.state
    return WebhookService(work.session, state["vault"], state["webhook_guard"], work.pager, work.audit)


def get_deliveries(work: Work) -> DeliveryService:
    """What was sent to webhooks."""
    return DeliveryService(work.session, work.pager, work.audit)


Webhooks = Annotated[WebhookService, of_work(get_webhooks)]
Deliveries = Annotated[DeliveryService, of_work(get_deliveries)]


async def get_own_webhook(webhook_id: UUID, user: CurrentUser, webhooks: Webhooks) -> Webhook:
    """The caller's webhook; somebody else's is not found."""
    return await webhooks.get(user, webhook_id)


OwnWebhook = Annotated[Webhook, Depends(get_own_webhook)]
