"""The caller's webhooks, and the one that the path names."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from app.dependencies.callers import CurrentUser
from app.dependencies.resources import Session, Shared
from app.dependencies.services import Audit, Pages
from app.models import Webhook
from app.services.delivery_service import DeliveryService
from app.services.webhook_service import WebhookService


async def get_webhooks(state: Shared, session: Session, pager: Pages, audit: Audit) -> WebhookService:
    """Webhooks."""
    return WebhookService(session, state["vault"], state["webhook_guard"], pager, audit)


async def get_deliveries(session: Session, pager: Pages, audit: Audit) -> DeliveryService:
    """What was sent to webhooks."""
    return DeliveryService(session, pager, audit)


Webhooks = Annotated[WebhookService, Depends(get_webhooks)]
Deliveries = Annotated[DeliveryService, Depends(get_deliveries)]


async def get_own_webhook(webhook_id: UUID, user: CurrentUser, webhooks: Webhooks) -> Webhook:
    """The caller's webhook; somebody else's is not found."""
    return await webhooks.get(user, webhook_id)


OwnWebhook = Annotated[Webhook, Depends(get_own_webhook)]
