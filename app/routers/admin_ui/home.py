"""Coming in, the front page, and leaving."""

from fastapi import Request, Response

from app.core.problems import problems
from app.core.throttle import TooManyRequests
from app.dependencies import Anyone, Client, Sessions
from app.dependencies.admin_ui import (
    AdminVisit,
    ForeignForm,
    LoginForm,
    LoginInput,
    Logins,
    Reader,
    TheDoor,
)
from app.routers.admin_ui.pages import Pages, actors, go, show, show_door
from app.schemas.audit_event import AuditParameters

router = Pages()
NEWEST = AuditParameters(limit=8)


@router.get("/login", dependencies=[Anyone])
def show_login(request: Request, door: TheDoor) -> Response:
    """The login page."""
    return show_door(request, door)


@router.post("/login", dependencies=[Anyone, LoginForm], responses=problems(TooManyRequests, ForeignForm))
async def enter(form: LoginInput, logins: Logins, door: TheDoor, client: Client) -> Response:
    """Log in."""
    identity = await logins.enter(form.login, client.address, client.device)
    return door.let_in(go(""), identity)


@router.post("/logout")
async def leave(visit: AdminVisit, sessions: Sessions, door: TheDoor) -> Response:
    """End the session, so that the cookie opens nothing any more."""
    await sessions.end(visit.admin, visit.session_id)
    return door.let_out(go("/login"))


@router.get("")
async def show_home(visit: AdminVisit, reader: Reader) -> Response:
    """The front page."""
    counts, trail = await reader.count(), await reader.trail(NEWEST)
    failing, people = await reader.failing_webhooks(), await reader.emails(actors(trail))
    return show(visit, "home.html", counts=counts, trail=trail, failing=failing, people=people)
