"""Accounts."""

from typing import NamedTuple
from uuid import UUID

from fastapi import Response

from app.core.preconditions import check
from app.dependencies import Sessions, TwoFactor, Users
from app.dependencies.admin_ui import AdminVisit, AskedUsers, Reader, UserAnswer, UserQuestion, Visit
from app.routers.admin_ui.pages import Pages, actors, go, show
from app.routers.admin_ui.questions import Deed, Thing, ask
from app.schemas.admin_ui import Chosen
from app.schemas.audit_event import AuditParameters
from app.schemas.auth import SessionParameters
from app.schemas.user import UserUpdate
from app.services.session_service import SessionService
from app.services.two_factor_service import TwoFactorService
from app.services.user_service import UserService

router = Pages("/users")
CHANGES = {
    "disable": UserUpdate(is_active=False),
    "enable": UserUpdate(is_active=True),
    "promote": UserUpdate(role="admin"),
    "demote": UserUpdate(role="user"),
}
DEEDS = {
    "disable": Deed("Disable", "No login; every session and key stops at once.", is_grave=True),
    "enable": Deed("Enable", "They can log in again; sessions that have not expired go on."),
    "promote": Deed("Make administrator", "They see and change everything.", is_grave=True),
    "demote": Deed("Make ordinary user", "They see their own items alone, from the next request on."),
    "end-sessions": Deed("End all sessions", "They have to log in again on every device."),
    "reset-second-factor": Deed(
        "Switch off second factor",
        "For somebody who has lost their app and their recovery codes. Be sure who is asking.",
        is_grave=True,
    ),
}


class AccountServices(NamedTuple):
    """Who knows how to change an account."""

    users: UserService
    sessions: SessionService
    two_factor: TwoFactorService


@router.get("")
async def show_users(visit: AdminVisit, users: Users, asked: AskedUsers) -> Response:
    """Everybody."""
    return show(visit, "users.html", page=await users.page(asked), deeds=DEEDS)


@router.get("/question")
async def ask_about_users(visit: AdminVisit, users: Users, question: UserQuestion) -> Response:
    """Ask first."""
    chosen = [await users.get(user_id) for user_id in question.selected]
    things = [Thing(user.id, f"{user.name} · {user.email}", user) for user in chosen]
    return ask(visit, question.action, DEEDS[question.action], things, "/users")


@router.post("/question")
async def change_users(
    visit: AdminVisit, users: Users, sessions: Sessions, two_factor: TwoFactor, answer: UserAnswer
) -> Response:
    """The answer was yes."""
    for chosen in answer.selected:
        await act(visit, AccountServices(users, sessions, two_factor), answer.action, chosen)
    return go("/users", answer.action)


@router.get("/{user_id}")
async def show_user(
    user_id: UUID, visit: AdminVisit, users: Users, sessions: Sessions, reader: Reader
) -> Response:
    """One account."""
    user, trail = await users.get(user_id), await reader.trail(AuditParameters(target_id=user_id, limit=10))
    logins, people = await sessions.page(user, SessionParameters()), await reader.emails(actors(trail))
    return show(visit, "user.html", user=user, trail=trail, logins=logins, people=people, deeds=DEEDS)


async def act(visit: Visit, services: AccountServices, action: str, chosen: Chosen) -> None:
    """Do it to one of them."""
    if change := CHANGES.get(action):
        await services.users.update(visit.admin, chosen.id, change, chosen.expected)
        return
    user = await services.users.get(chosen.id)
    check(chosen.expected, user)
    if action == "end-sessions":
        await services.sessions.end_all(user, by=visit.admin)
    else:
        await services.two_factor.reset(visit.admin, user)
