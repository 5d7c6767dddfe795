"""Webhooks: where a user wants to hear of events, and each message on its way there."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Changing


class DeliveryStatus(StrEnum):
    """Where a message is on its way."""

    PENDING = "pending"
    SENDING = "sending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Webhook(Changing, Base):
    """An endpoint. Its secrets are sealed; the one before is good for a while after a rotation."""

    __tablename__ = "webhooks"
    __table_args__ = (
        Index("ix_webhooks_created_at", "created_at", "id"),
        Index("ix_webhooks_failing", "failing_since", postgresql_where=text("failing_since IS NOT NULL")),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    previous_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None]
    # Since when no attempt has succeeded, and until when the receiver wants to be left alone.
    failing_since: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]


class WebhookDelivery(Changing, Base):
    """A message for one endpoint. It is due when ``next_attempt_at`` has come, if its sender died, too."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'sending', 'succeeded', 'failed')", name="status"),
        CheckConstraint("(status IN ('pending', 'sending')) = (next_attempt_at IS NOT NULL)", name="due"),
        Index("ix_webhook_deliveries_webhook_id_created_at", "webhook_id", "created_at", "id"),
        Index(
            "ix_webhook_deliveries_due",
            "webhook_id",
            "next_attempt_at",
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        Index("ix_webhook_deliveries_created_at", "created_at"),  # for those that are old enough to go
    )

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]  # the same for every endpoint that hears of it
    event: Mapped[str]
    payload: Mapped[str]  # the very bytes that are signed and sent
    status: Mapped[str] = mapped_column(default=DeliveryStatus.PENDING, server_default=DeliveryStatus.PENDING)
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of the present schedule
    next_attempt_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
