"""The audit trail, to be read and nothing else."""

from fastapi import Response

from app.dependencies import Audit
from app.dependencies.admin_ui import AdminVisit, AskedEvents, Reader
from app.models import Action
from app.routers.admin_ui.pages import Pages, show

router = Pages("/audit")


@router.get("")
async def show_events(visit: AdminVisit, audit: Audit, asked: AskedEvents, reader: Reader) -> Response:
    """Who did what, when and from where."""
    page = await audit.page(asked)
    people = await reader.emails(each for event in page.items for each in (event.actor_id, event.target_id))
    return show(visit, "audit.html", page=page, people=people, actions=list(Action))
