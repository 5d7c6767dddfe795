"""The caller's webhooks, and the one that the path names."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.dependencies.callers import CurrentUser
from app.dependencies.resources import ThisWork
from app.models import Webhook
from app.services.delivery_service import DeliveryService
from app.services.webhook_service import WebhookService


async def get_webhooks(work: ThisWork) -> WebhookService:
    """Webhooks."""
    state = work.state
    return WebhookService(work.session, state["vault"], state["webhook_guard"], work.pager, work.audit)


async def get_deliveries(work: ThisWork) -> DeliveryService:
    """What was sent to webhooks."""
    return DeliveryService(work.session, work.pager, work.audit)


Webhooks = Annotated[WebhookService, Depends(get_webhooks)]
Deliveries = Annotated[DeliveryService, Depends(get_deliveries)]


async def get_own_webhook(webhook_id: UUID, user: CurrentUser, webhooks: Webhooks) -> Webhook:
    """The caller's webhook; somebody else's is not found."""
    return await webhooks.get(user, webhook_id)


OwnWebhook = Annotated[Webhook, Depends(get_own_webhook)]
