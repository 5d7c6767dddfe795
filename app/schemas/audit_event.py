"""Audit events over the wire."""

from typing import Literal
from uuid import UUID

from pydantic import MISSING, Field

from app.models import Action
from app.schemas.base import Output, Timestamp
from app.schemas.page import PageParameters


class AuditEventResponse(Output):
    """One thing that happened."""

    id: UUID
    created_at: Timestamp
    action: Action
    actor_id: UUID | None = Field(description="Who did it; null for nobody known.")
    target_id: UUID | None = Field(description="Whom or what it was done to.")
    address: str | None = Field(description="The client's address, or IPv6 network.", examples=["192.0.2.1"])
    request_id: str | None = Field(examples=["0198c0de-0000-7000-8000-000000000000"])


class AuditParameters(PageParameters):
    """Which events."""

    sort: Literal["created_at", "-created_at"] = "-created_at"
    action: Action | MISSING = MISSING
    actor_id: UUID | MISSING = MISSING
    target_id: UUID | MISSING = MISSING
