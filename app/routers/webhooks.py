"""Webhooks."""

from uuid import UUID

from fastapi import Request, Response

from app.core.cursors import InvalidCursor
from app.core.preconditions import MalformedEntityTag, VersionChanged
from app.core.problems import problems
from app.core.routing import Router
from app.dependencies import (
    CurrentUser,
    Deliveries,
    DeliveryQuery,
    Idempotent,
    IdempotentRoute,
    IfMatch,
    IfNoneMatch,
    OwnWebhook,
    WebhookQuery,
    Webhooks,
)
from app.models import Webhook, WebhookDelivery
from app.routers.headers import CONDITIONAL, FOLLOWED, LINKED, TAGGED, created, link_next
from app.schemas.page import Page
from app.schemas.webhook import (
    DeliveryResponse,
    WebhookCreate,
    WebhookCreated,
    WebhookResponse,
    WebhookUpdate,
)
from app.services.delivery_service import DeliveryNotFound, WebhookDisabled
from app.services.paging import Slice
from app.services.webhook_service import TooManyWebhooks, UrlNotAllowed, WebhookNotFound

router = Router(prefix="/webhooks", tags=["webhooks"], route_class=IdempotentRoute)
EDITING = problems(WebhookNotFound, MalformedEntityTag, VersionChanged)


@router.post("", status_code=201, responses=problems(TooManyWebhooks, UrlNotAllowed))
async def create_webhook(
    data: WebhookCreate,
    user: CurrentUser,
    _: Idempotent,
    webhooks: Webhooks,
    request: Request,
    response: Response,
) -> WebhookCreated:
    """Have events posted to a URL, signed as Standard Webhooks asks. The secret is shown this once."""
    webhook = await webhooks.create(user, data)
    return created(request, response, webhook, "get_webhook", webhook_id=webhook.id)


@router.get("", response_model=Page[WebhookResponse], responses=LINKED | problems(InvalidCursor))
async def list_webhooks(
    user: CurrentUser, webhooks: Webhooks, query: WebhookQuery, request: Request, response: Response
) -> Slice[Webhook]:
    """List your webhooks."""
    page = await webhooks.page(user, query)
    response.headers.update(link_next(request, page))
    return page


@router.get(
    "/{webhook_id}",
    response_model=WebhookResponse,
    responses=CONDITIONAL | problems(WebhookNotFound, MalformedEntityTag),
)
async def get_webhook(
    webhook_id: UUID, user: CurrentUser, webhooks: Webhooks, reading: IfNoneMatch
) -> Webhook:
    """Read a webhook."""
    return reading.answer(await webhooks.get(user, webhook_id))


@router.patch(
    "/{webhook_id}", response_model=WebhookResponse, responses=TAGGED | EDITING | problems(UrlNotAllowed)
)
async def update_webhook(
    webhook_id: UUID, data: WebhookUpdate, user: CurrentUser, webhooks: Webhooks, edit: IfMatch
) -> Webhook:
    """Change the URL or the events, or switch the webhook off and on."""
    return edit.answer(await webhooks.update(user, webhook_id, data, edit.expected))


@router.delete("/{webhook_id}", status_code=204, responses=EDITING)
async def delete_webhook(webhook_id: UUID, user: CurrentUser, webhooks: Webhooks, edit: IfMatch) -> None:
    """Delete a webhook, and what waits to be sent to it."""
    await webhooks.delete(user, webhook_id, edit.expected)


@router.post("/{webhook_id}/rotate-secret", status_code=200, responses=problems(WebhookNotFound))
async def rotate_webhook_secret(
    webhook_id: UUID, user: CurrentUser, _: Idempotent, webhooks: Webhooks
) -> WebhookCreated:
    """Get a new secret. For 24 hours messages are signed with the old one, too."""
    return await webhooks.rotate(user, webhook_id)


@router.get(
    "/{webhook_id}/deliveries",
    response_model=Page[DeliveryResponse],
    responses=LINKED | problems(WebhookNotFound, InvalidCursor),
)
async def list_deliveries(
    webhook: OwnWebhook, deliveries: Deliveries, query: DeliveryQuery, request: Request, response: Response
) -> Slice[WebhookDelivery]:
    """List what was sent to a webhook, or is to be."""
    page = await deliveries.page(webhook, query)
    response.headers.update(link_next(request, page))
    return page


@router.get(
    "/{webhook_id}/deliveries/{delivery_id}",
    response_model=DeliveryResponse,
    responses=CONDITIONAL | problems(WebhookNotFound, DeliveryNotFound, MalformedEntityTag),
)
async def get_delivery(
    delivery_id: UUID, webhook: OwnWebhook, deliveries: Deliveries, reading: IfNoneMatch
) -> WebhookDelivery:
    """Read what has come of a delivery."""
    return reading.answer(await deliveries.get(webhook, delivery_id))


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redeliver",
    response_model=DeliveryResponse,
    status_code=202,
    responses=FOLLOWED | problems(WebhookNotFound, DeliveryNotFound, WebhookDisabled),
)
async def repeat_delivery(
    delivery_id: UUID, webhook: OwnWebhook, deliveries: Deliveries, request: Request, response: Response
) -> WebhookDelivery:
    """Send a message again, with the same `webhook-id`; `Location` says where to see what comes of it."""
    row = await deliveries.redeliver(webhook, delivery_id)
    return created(request, response, row, "get_delivery", webhook_id=webhook.id, delivery_id=row.id)
