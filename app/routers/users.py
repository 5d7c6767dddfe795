"""Accounts."""

from uuid import UUID

from fastapi import Request, Response

from app.core.cursors import InvalidCursor
from app.core.preconditions import MalformedEntityTag, VersionChanged
from app.core.problems import problems
from app.core.routing import Router
from app.core.throttle import TooManyRequests
from app.dependencies import (
    Admin,
    AdminOnly,
    CurrentLogin,
    CurrentUser,
    Idempotent,
    IdempotentRoute,
    IfMatch,
    IfNoneMatch,
    Letters,
    Newcomers,
    Sessions,
    TwoFactor,
    UserQuery,
    Users,
    tagged,
)
from app.models import Action, User
from app.routers.headers import CONDITIONAL, LINKED, TAGGED, TAGGED_NEW, created, link_next
from app.schemas.page import Page
from app.schemas.user import (
    EmailChange,
    PasswordChange,
    PasswordProof,
    ProfileUpdate,
    UserCreate,
    UserResponse,
    UserUpdate,
)
from app.services.paging import Slice
from app.services.two_factor_service import OwnSecondFactor, TwoFactorOff
from app.services.user_service import EmailTaken, GuessablePassword, LastAdmin, UserNotFound, WrongPassword

router = Router(prefix="/users", tags=["users"], route_class=IdempotentRoute)


@router.post(
    "",
    response_model=UserResponse,
    status_code=201,
    dependencies=[Newcomers],
    responses=TAGGED_NEW | problems(EmailTaken, GuessablePassword),
)
async def create_user(
    data: UserCreate, _: Idempotent, users: Users, letters: Letters, request: Request, response: Response
) -> User:
    """Register. A mail asks you to confirm your address; it can be sent again."""
    user = tagged(response, await users.register(data))
    await letters.welcome(user)
    return created(request, response, user, "get_user", user_id=user.id)


@router.get(  # shipworthy: ignore[SW102] -- the answer is there already; a thread would cost more than it
    "/me", response_model=UserResponse, responses=CONDITIONAL | problems(MalformedEntityTag)
)
async def get_me(user: CurrentUser, reading: IfNoneMatch) -> User:
    """Read your own account."""
    return reading.answer(user)


@router.patch(
    "/me",
    response_model=UserResponse,
    responses=TAGGED | problems(UserNotFound, MalformedEntityTag, VersionChanged),
)
async def update_me(data: ProfileUpdate, user: CurrentUser, users: Users, edit: IfMatch) -> User:
    """Change your name or age."""
    return edit.answer(await users.update_profile(user, data, edit.expected))


@router.delete("/me", status_code=204, responses=problems(WrongPassword, LastAdmin, TooManyRequests))
async def delete_me(data: PasswordProof, user: CurrentUser, users: Users) -> None:
    """Delete your account, your items and everything else of yours, for good."""
    await users.prove(user, data.current_password)
    await users.erase(user, user.id)


@router.post(
    "/me/email", status_code=202, response_class=Response, responses=problems(WrongPassword, TooManyRequests)
)
async def change_email(data: EmailChange, user: CurrentUser, users: Users, letters: Letters) -> None:
    """Ask for another address. It becomes yours when you confirm the mail that is sent there."""
    await users.prove(user, data.current_password)
    await letters.change_email(user, data.email)


@router.put(
    "/me/password", status_code=204, responses=problems(WrongPassword, GuessablePassword, TooManyRequests)
)
async def change_password(
    data: PasswordChange, login: CurrentLogin, users: Users, sessions: Sessions
) -> None:
    """Change your password; every other session ends."""
    await users.prove(login.user, data.current_password)
    await users.set_password(login.user, data.new_password, Action.PASSWORD_CHANGED)
    await sessions.end_all(login.user, but=login.session_id)


@router.get("", response_model=Page[UserResponse], responses=LINKED | problems(InvalidCursor, AdminOnly))
async def list_users(
    _: Admin, users: Users, query: UserQuery, request: Request, response: Response
) -> Slice[User]:
    """List accounts."""
    page = await users.page(query)
    response.headers.update(link_next(request, page))
    return page


@router.get(
    "/{user_id}",
    response_model=UserResponse,
    responses=CONDITIONAL | problems(UserNotFound, AdminOnly, MalformedEntityTag),
)
async def get_user(user_id: UUID, _: Admin, users: Users, reading: IfNoneMatch) -> User:
    """Read an account."""
    return reading.answer(await users.get(user_id))


@router.patch(
    "/{user_id}",
    response_model=UserResponse,
    responses=TAGGED | problems(UserNotFound, LastAdmin, AdminOnly, MalformedEntityTag, VersionChanged),
)
async def update_user(user_id: UUID, data: UserUpdate, admin: Admin, users: Users, edit: IfMatch) -> User:
    """Change a role, or disable an account: both act on its next request."""
    return edit.answer(await users.update(admin, user_id, data, edit.expected))


@router.delete("/{user_id}", status_code=204, responses=problems(UserNotFound, LastAdmin, AdminOnly))
async def delete_user(user_id: UUID, admin: Admin, users: Users) -> None:
    """Delete an account and all that belongs to it, for good."""
    await users.erase(admin, user_id)


@router.delete(
    "/{user_id}/two-factor",
    status_code=204,
    responses=problems(UserNotFound, TwoFactorOff, OwnSecondFactor, AdminOnly),
)
async def reset_two_factor(user_id: UUID, admin: Admin, users: Users, two_factor: TwoFactor) -> None:
    """Switch off the second factor of somebody who has lost it."""
    await two_factor.reset(admin, await users.get(user_id))
