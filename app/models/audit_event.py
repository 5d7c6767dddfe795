"""Who did what, when and from where. Rows are only ever added: a trigger refuses everything else."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.models.base import Base


class Action(StrEnum):
    """What is worth remembering."""

    REGISTERED = "user.registered"
    CHANGED = "user.changed"
    PROFILE_CHANGED = "profile.changed"
    DELETED = "user.deleted"
    LOGGED_IN = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    LOGGED_OUT = "session.ended"
    LOGGED_OUT_EVERYWHERE = "sessions.ended"
    SESSION_REFRESHED = "session.refreshed"
    TOKEN_REUSED = "refresh_token.reused"  # noqa: S105 - the name of an action
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    RESET_REQUESTED = "password.reset_requested"
    PASSWORD_RESET = "password.reset"  # noqa: S105
    PROOF_FAILED = "proof.failed"
    VERIFICATION_REQUESTED = "email.verification_requested"
    EMAIL_CHANGE_REQUESTED = "email.change_requested"
    EMAIL_CONFIRMED = "email.confirmed"
    TWO_FACTOR_STARTED = "two_factor.started"
    TWO_FACTOR_ENABLED = "two_factor.enabled"
    TWO_FACTOR_DISABLED = "two_factor.disabled"
    RECOVERY_CODE_USED = "recovery_code.used"
    RECOVERY_CODES_RENEWED = "recovery_codes.renewed"
    IDENTITY_LINKED = "identity.linked"
    KEY_CREATED = "api_key.created"
    KEY_REVOKED = "api_key.revoked"
    ITEM_CREATED = "item.created"
    ITEM_CHANGED = "item.changed"
    ITEM_DELETED = "item.deleted"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated"  # noqa: S105
    WEBHOOK_REDELIVERED = "webhook.redelivered"
    WEBHOOK_DISABLED = "webhook.disabled"
    JOB_STARTED = "job.started"
    JOB_CANCELLED = "job.cancelled"
    JOB_RETRIED = "job.retried"
    QUEUE_JOB_CANCELLED = "queue_job.cancelled"
    QUEUE_JOB_RETRIED = "queue_job.retried"
    PREDICTION_MODEL_LOADED = "prediction_model.loaded"


class AuditEvent(Base):
    """One thing that happened. It names users by id, without a foreign key: it outlives them."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_created_at", "created_at", "id"),
        Index("ix_audit_events_actor_id", "actor_id", "created_at"),
        Index("ix_audit_events_target_id", "target_id", "created_at"),
    )

    action: Mapped[str]
    actor_id: Mapped[UUID | None]
    target_id: Mapped[UUID | None]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
