"""Templates made into answers: escaped, with a policy under which a page runs no script at all."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core.admin_ui import Door
from app.core.opaque_tokens import make_token
from app.core.routing import Router
from app.dependencies.admin_ui import DONE, Visit
from app.models import AuditEvent
from app.services.admin_ui_service import MOST

PREFIX = "/admin"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with less, browsers hide the origin of our own forms from us
}
# By what the address of the next page says was done; anything else in it is ignored.
MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "saved": "Saved.",
        "disable": "Disabled, from the next request on.",
        "enable": "Enabled.",
        "promote": "Made administrator.",
        "demote": "Made an ordinary user.",
        "end-sessions": "All sessions were ended.",
        "reset-second-factor": "The second factor was switched off.",
        "activate": "Activated.",
        "archive": "Archived.",
        "delete": "Deleted.",
        "cancel": "Cancelled. What had been done stays done.",
        "retry": "Started again.",
        "started": "Started.",
        "redeliver": "It will be sent again at once.",
    }
)


class Pages(Router):
    """A router for pages: they are for people, no document lists them."""

    def __init__(self, prefix: str = "") -> None:
        super().__init__(PREFIX, prefix=prefix, include_in_schema=False, default_response_class=HTMLResponse)


def show(visit: Visit, template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:  # noqa: ANN401 - what it shows
    """A page for an administrator."""
    query = visit.request.query_params
    message = MESSAGES.get(query.get(DONE, ""))
    own = {"visit": visit, "form_token": visit.form_token, "message": message, "query": query}
    return render(template, status, **own, **values)


def show_door(request: Request, door: Door, problem: Mapping[str, Any] | None = None) -> HTMLResponse:
    """The login page, for a browser that is told from others by a cookie from now on."""
    stranger = door.stranger(request) or make_token()
    status = problem["status"] if problem else HTTPStatus.OK
    page = render("login.html", status, form_token=door.form_token(stranger), problem=problem)
    return door.greet(page, stranger)


def render(template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:  # noqa: ANN401 - what it shows
    """A page."""
    return HTMLResponse(TEMPLATES.get_template(template).render(values), status, HEADERS)


def go(path: str, done: str | None = None) -> Response:
    """On to another page, which says what was done."""
    query = f"?{urlencode({DONE: done})}" if done else ""
    return RedirectResponse(f"{PREFIX}{path}{query}", HTTPStatus.SEE_OTHER)


def with_query(query: Mapping[str, str], **changes: str | None) -> str:
    """The query of the page, changed; as a link on it."""
    kept = {name: text for name, text in query.items() if text and name not in {DONE, "cursor"}}
    return "?" + urlencode({name: text for name, text in {**kept, **changes}.items() if text})


def actors(trail: Iterable[AuditEvent]) -> Iterable[UUID | None]:
    """Who did these things."""
    return (event.actor_id for event in trail)


def when(moment: datetime | None) -> str:
    """A time for people who may be anywhere."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else "-"


def amount(number: int) -> str:
    """A number that was counted up to ``MOST``."""
    return f"{MOST - 1:,}+" if number >= MOST else f"{number:,}"


TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(when=when, amount=amount)
TEMPLATES.globals.update(prefix=PREFIX, with_query=with_query)
