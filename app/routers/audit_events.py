"""The audit trail."""

from fastapi import Request, Response

from app.core.cursors import InvalidCursor
from app.core.problems import problems
from app.core.routing import Router
from app.dependencies import Admin, AdminOnly, Audit, AuditQuery
from app.models import AuditEvent
from app.routers.headers import LINKED, link_next
from app.schemas.audit_event import AuditEventResponse
from app.schemas.page import Page
from app.services.paging import Slice

router = Router(prefix="/audit-events", tags=["audit"])


@router.get(
    "", response_model=Page[AuditEventResponse], responses=LINKED | problems(InvalidCursor, AdminOnly)
)
async def list_audit_events(
    _: Admin, audit: Audit, query: AuditQuery, request: Request, response: Response
) -> Slice[AuditEvent]:
    """List who did what, when and from where."""
    page = await audit.page(query)
    response.headers.update(link_next(request, page))
    return page
