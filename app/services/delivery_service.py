"""The log of deliveries, as the owner of an endpoint sees it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select

from app.core.database import Session
from app.core.errors import Conflict, NotFound
from app.models import Action, DeliveryStatus, User, Webhook, WebhookDelivery
from app.schemas.webhook import DeliveryParameters
from app.services.audit_service import AuditService
from app.services.event_service import wake
from app.services.paging import Listing, Pager, Slice

FILTERS = (WebhookDelivery.webhook_id, WebhookDelivery.status)
DELIVERIES = Listing(WebhookDelivery, {each.key: each == bindparam(each.key) for each in FILTERS})


class DeliveryNotFound(NotFound):
    """The webhook has no such delivery, or no longer."""


class WebhookDisabled(Conflict):
    """Nothing is sent to a webhook that is not active; activate it first."""


@dataclass(frozen=True)
class DeliveryService:
    """Lists what was sent, and sends it again."""

    session: Session
    pager: Pager
    audit: AuditService

    async def page(self, webhook: Webhook, parameters: DeliveryParameters) -> Slice[WebhookDelivery]:
        """List an endpoint's deliveries."""
        return await self.pager.read(DELIVERIES, parameters, webhook_id=webhook.id)

    async def get(self, webhook: Webhook, delivery_id: UUID, *, lock: bool = False) -> WebhookDelivery:
        """Find a delivery.

        Raises:
            DeliveryNotFound: the endpoint has no such delivery.
        """
        query = select(WebhookDelivery).where(
            WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook.id
        )
        if row := await self.session.scalar(query.with_for_update() if lock else query):
            return row
        raise DeliveryNotFound("The webhook has no such delivery.")

    async def redeliver(
        self, webhook: Webhook, delivery_id: UUID, *, by: User | None = None
    ) -> WebhookDelivery:
        """Send a message at once, and on the whole schedule again if that fails; not while it is being sent.

        The owner asks for it, if nobody else does.

        Raises:
            DeliveryNotFound: the endpoint has no such delivery.
            WebhookDisabled: the endpoint is not active.
        """
        if not webhook.is_active:
            raise WebhookDisabled("The webhook is not active.")
        row = await self.get(webhook, delivery_id, lock=True)
        if row.status != DeliveryStatus.SENDING:
            row.status, row.tries, row.next_attempt_at = DeliveryStatus.PENDING, 0, func.now()
            await self.session.flush()  # the answer says when it is due
        await wake(self.session, webhook.id)
        actor = by.id if by else webhook.user_id
        self.audit.record(Action.WEBHOOK_REDELIVERED, actor=actor, target=webhook.id)
        return row
