"""Everybody's webhooks, and what was sent to them. What is signed with is never read."""

from collections.abc import Iterable
from uuid import UUID

from fastapi import Response

from app.core.problems import problems
from app.dependencies import Deliveries
from app.dependencies.admin_ui import (
    AdminVisit,
    AskedDeliveries,
    AskedWebhooks,
    DeliveryAnswer,
    DeliveryQuestion,
    Reader,
)
from app.models import WebhookDelivery
from app.routers.admin_ui.pages import Pages, go, show
from app.routers.admin_ui.questions import Deed, Thing, ask
from app.services.delivery_service import DeliveryNotFound, WebhookDisabled
from app.services.webhook_service import WebhookNotFound

router = Pages("/webhooks")
DEEDS = {"redeliver": Deed("Send again", "At once, with the same webhook-id, and on the whole schedule.")}


@router.get("")
async def show_webhooks(visit: AdminVisit, reader: Reader, asked: AskedWebhooks) -> Response:
    """Where events go."""
    page = await reader.webhooks(asked)
    people = await reader.emails(hook.user_id for hook in page.items)
    return show(visit, "webhooks.html", page=page, people=people)


@router.get("/{webhook_id}", responses=problems(WebhookNotFound))
async def show_webhook(
    webhook_id: UUID, visit: AdminVisit, reader: Reader, deliveries: Deliveries, asked: AskedDeliveries
) -> Response:
    """One endpoint, and its messages."""
    hook = await reader.webhook(webhook_id)
    page, people = await deliveries.page(hook, asked), await reader.emails([hook.user_id])
    return show(visit, "webhook.html", hook=hook, page=page, people=people, deeds=DEEDS)


@router.get("/{webhook_id}/question", responses=problems(WebhookNotFound, DeliveryNotFound))
async def ask_about_deliveries(
    webhook_id: UUID, visit: AdminVisit, reader: Reader, deliveries: Deliveries, question: DeliveryQuestion
) -> Response:
    """Ask first."""
    hook = await reader.webhook(webhook_id)
    rows = [await deliveries.get(hook, delivery_id) for delivery_id in question.selected]
    return ask(visit, question.action, DEEDS[question.action], named(rows), f"/webhooks/{webhook_id}")


@router.post("/{webhook_id}/question", responses=problems(WebhookNotFound, DeliveryNotFound, WebhookDisabled))
async def send_again(
    webhook_id: UUID, visit: AdminVisit, reader: Reader, deliveries: Deliveries, answer: DeliveryAnswer
) -> Response:
    """The answer was yes."""
    hook = await reader.webhook(webhook_id)
    for chosen in answer.selected:
        await deliveries.redeliver(hook, chosen.id, by=visit.admin)
    return go(f"/webhooks/{webhook_id}", answer.action)


def named(rows: Iterable[WebhookDelivery]) -> list[Thing]:
    """Messages, as a question names them."""
    return [Thing(row.id, f"{row.event} · {row.status}", row) for row in rows]
