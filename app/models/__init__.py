"""The tables."""

from app.models.api_key import ApiKey
from app.models.audit_event import Action, AuditEvent
from app.models.base import Base
from app.models.idempotency_key import IdempotencyKey
from app.models.item import ITEM_TEXTS, Item
from app.models.job import Job, JobStatus
from app.models.login_session import LoginSession, RefreshToken
from app.models.oidc import OidcIdentity, OidcLogin
from app.models.one_time_token import OneTimeToken, Purpose
from app.models.two_factor import RecoveryCode, TwoFactorSecret
from app.models.upload import Upload, UploadPart
from app.models.user import USER_TEXTS, Role, User
from app.models.webhook import DeliveryStatus, Webhook, WebhookDelivery

__all__ = [
    "ITEM_TEXTS",
    "USER_TEXTS",
    "Action",
    "ApiKey",
    "AuditEvent",
    "Base",
    "DeliveryStatus",
    "IdempotencyKey",
    "Item",
    "Job",
    "JobStatus",
    "LoginSession",
    "OidcIdentity",
    "OidcLogin",
    "OneTimeToken",
    "Purpose",
    "RecoveryCode",
    "RefreshToken",
    "Role",
    "TwoFactorSecret",
    "Upload",
    "UploadPart",
    "User",
    "Webhook",
    "WebhookDelivery",
]
