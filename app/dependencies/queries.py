"""The query parameters of lists."""

from typing import Annotated

from fastapi import Query

from app.schemas.api_key import ApiKeyParameters
from app.schemas.audit_event import AuditParameters
from app.schemas.auth import SessionParameters
from app.schemas.item import ItemExportParameters, ItemParameters
from app.schemas.job import JobParameters, QueueJobParameters
from app.schemas.user import UserParameters
from app.schemas.webhook import DeliveryParameters, WebhookParameters

ApiKeyQuery = Annotated[ApiKeyParameters, Query()]
AuditQuery = Annotated[AuditParameters, Query()]
DeliveryQuery = Annotated[DeliveryParameters, Query()]
ItemExportQuery = Annotated[ItemExportParameters, Query()]
ItemQuery = Annotated[ItemParameters, Query()]
JobQuery = Annotated[JobParameters, Query()]
QueueJobQuery = Annotated[QueueJobParameters, Query()]
SessionQuery = Annotated[SessionParameters, Query()]
UserQuery = Annotated[UserParameters, Query()]
WebhookQuery = Annotated[WebhookParameters, Query()]
