"""Logging in and out."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response

from app.core.cursors import InvalidCursor
from app.core.problems import problems
from app.core.routing import Router
from app.core.throttle import TooManyRequests
from app.dependencies import (
    Anyone,
    Audit,
    Auth,
    Client,
    Confirmations,
    CurrentLogin,
    CurrentUser,
    Letters,
    SessionQuery,
    Sessions,
    Users,
)
from app.models import Action, LoginSession, Purpose
from app.routers.headers import LINKED, link_next
from app.schemas.auth import (
    Confirmation,
    EmailRequest,
    LoginForm,
    PasswordReset,
    RefreshRequest,
    SessionResponse,
    Token,
)
from app.schemas.page import Page
from app.services.auth_service import BadCredentials, BadSecondFactor, SecondFactorRequired
from app.services.confirmation_service import InvalidConfirmation
from app.services.paging import Slice
from app.services.session_service import InvalidRefreshToken, RefreshTokenReused, SessionNotFound
from app.services.user_service import EmailTaken, GuessablePassword

router = Router(prefix="/auth", tags=["auth"])


@router.post(
    "/token",
    dependencies=[Anyone],
    responses=problems(BadCredentials, SecondFactorRequired, BadSecondFactor, TooManyRequests),
)
async def create_token(
    form: Annotated[LoginForm, Form()], auth: Auth, sessions: Sessions, client: Client
) -> Token:
    """Log in with email and password: starts a session."""
    user_id = await auth.authenticate(form, client.address)
    return await sessions.open(user_id, client.device)


@router.post("/refresh", dependencies=[Anyone], responses=problems(InvalidRefreshToken, RefreshTokenReused))
async def refresh_token(data: RefreshRequest, sessions: Sessions) -> Token:
    """Exchange a refresh token for new tokens. A token that comes back after it was used ends its session."""
    return await sessions.refresh(data.refresh_token.get_secret_value())


@router.post("/logout", status_code=204)
async def log_out(login: CurrentLogin, sessions: Sessions, data: RefreshRequest | None = None) -> None:
    """End this session, and the one of the refresh token, if you send one of yours."""
    await sessions.end(login.user, login.session_id)
    await sessions.end_by_token(login.user, data)


@router.post("/logout-all", status_code=204)
async def log_out_everywhere(user: CurrentUser, sessions: Sessions) -> None:
    """End all your sessions."""
    await sessions.end_all(user)


@router.get("/sessions", response_model=Page[SessionResponse], responses=LINKED | problems(InvalidCursor))
async def list_sessions(
    user: CurrentUser, sessions: Sessions, query: SessionQuery, request: Request, response: Response
) -> Slice[LoginSession]:
    """List your sessions."""
    page = await sessions.page(user, query)
    response.headers.update(link_next(request, page))
    return page


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(SessionNotFound))
async def end_session(session_id: UUID, user: CurrentUser, sessions: Sessions) -> None:
    """End one of your sessions."""
    await sessions.end(user, session_id)


@router.post(
    "/verify-email",
    status_code=204,
    dependencies=[Anyone],
    responses=problems(InvalidConfirmation, EmailTaken),
)
async def verify_email(data: Confirmation, confirmations: Confirmations, audit: Audit) -> None:
    """Confirm an address with the token that was mailed to it. It works once."""
    user = await confirmations.confirm_email(data.token.get_secret_value())
    audit.record(Action.EMAIL_CONFIRMED, actor=user.id, target=user.id)


@router.post(
    "/verify-email/resend", status_code=202, response_class=Response, responses=problems(TooManyRequests)
)
async def resend_verification(user: CurrentUser, letters: Letters) -> None:
    """Mail a new token for your address; earlier ones stop working."""
    await letters.verify(user)


@router.post(
    "/password-reset",
    status_code=202,
    response_class=Response,
    dependencies=[Anyone],
    responses=problems(TooManyRequests),
)
async def request_password_reset(data: EmailRequest, letters: Letters) -> None:
    """Mail a token that sets a new password. The answer is the same when there is no account."""
    await letters.reset_password(data.email)


@router.post(
    "/password-reset/confirm",
    status_code=204,
    dependencies=[Anyone],
    responses=problems(InvalidConfirmation, GuessablePassword),
)
async def reset_password(
    data: PasswordReset, confirmations: Confirmations, users: Users, sessions: Sessions
) -> None:
    """Set a new password with the token from the mail. It works once, and ends all sessions."""
    user, _ = await confirmations.redeem(data.token.get_secret_value(), Purpose.RESET_PASSWORD)
    await users.set_password(user, data.new_password, Action.PASSWORD_RESET)
    await sessions.end_all(user)
