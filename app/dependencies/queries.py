"""The query parameters of lists."""

from typing import Annotated

from fastapi import Query

from app.schemas.audit_event import AuditParameters
from app.schemas.auth import SessionParameters
from app.schemas.item import ItemParameters
from app.schemas.user import UserParameters

AuditQuery = Annotated[AuditParameters, Query()]
ItemQuery = Annotated[ItemParameters, Query()]
SessionQuery = Annotated[SessionParameters, Query()]
UserQuery = Annotated[UserParameters, Query()]
