"""The audit trail: written in the transaction of what it tells about."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, update
from uuid_utils.compat import uuid7

from app.core.database import Session
from app.core.logging import request_id
from app.models import Action, AuditEvent
from app.schemas.audit_event import AuditParameters
from app.services.paging import Listing, Pager, Slice

FILTERS = (AuditEvent.action, AuditEvent.actor_id, AuditEvent.target_id)
EVENTS = Listing(AuditEvent, {each.key: each == bindparam(each.key) for each in FILTERS})


@dataclass(frozen=True)
class AuditService:
    """Adds events and lists them."""

    session: Session
    pager: Pager
    address: str | None = None

    def record(self, action: Action, *, actor: UUID | None, target: UUID | None) -> None:
        """Remember that somebody did something to an account or a thing; ``None`` is nobody known."""
        self.session.add(self.event(action, actor=actor, target=target))

    def event(self, action: Action, *, actor: UUID | None, target: UUID | None) -> AuditEvent:
        """The event to be written beside what it tells about."""
        return AuditEvent(
            id=uuid7(),
            action=action,
            actor_id=actor,
            target_id=target,
            address=self.address,
            request_id=request_id.get(),
        )

    async def forget_addresses(self, user_id: UUID) -> None:
        """Take the addresses, which are personal data, out of the events of a deleted account."""
        own = or_(AuditEvent.actor_id == user_id, AuditEvent.target_id == user_id)
        await self.session.execute(update(AuditEvent).where(own).values(address=None))

    async def page(self, parameters: AuditParameters) -> Slice[AuditEvent]:
        """List events."""
        return await self.pager.read(EVENTS, parameters)
