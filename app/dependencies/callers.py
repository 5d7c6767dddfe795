"""Who is calling: a route's signature tells who may."""

import hmac
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import OAuth2PasswordBearer, SecurityScopes

from app.core.database import Session
from app.core.errors import Forbidden, NotAuthenticated, NotFound
from app.core.reads import attachable
from app.core.routing import API, SAFE
from app.dependencies.resources import AppSettings, address_of, session_of, state_of, work_in
from app.dependencies.services import get_api_keys
from app.models import Role, User
from app.schemas.api_key import SCOPES
from app.services.api_key_service import PREFIX
from app.services.caller_service import CallerService, Login

# auto_error off: its answer would not be a problem of ours.
Bearer = Annotated[
    str | None,
    Depends(OAuth2PasswordBearer(f"{API}/auth/token", scopes=dict(SCOPES), auto_error=False)),
]


class MissingToken(NotAuthenticated):
    """The route needs an access token and the request has none."""


class AdminOnly(Forbidden):
    """The route is for administrators."""


async def limit_address(request: Request) -> None:
    """Let anyone in, so many times a minute."""
    await state_of(request)["limiter"].count_address(address_of(request))


async def limit_registrations(request: Request) -> None:
    """Let anyone register, so many times an hour: the answer tells which addresses have an account."""
    await state_of(request)["limiter"].count_registration(address_of(request))


Anyone = Depends(limit_address)
Newcomers = Depends(limit_registrations)


async def get_login(request: Request, token: Bearer) -> Login:
    """The account and session of the access token, as they stand now; an API key is no login."""
    login = await log_in(request, session_of(request), token)
    if request.method in SAFE:
        return login
    user = attachable(login.user)  # it may be what the request changes
    session_of(request).add(user)
    return replace(login, user=user)


async def log_in(request: Request, session: Session, token: str | None) -> Login:
    """The account and session of the access token, which are not going to be changed."""
    if token is None:
        raise MissingToken("Send an access token: Authorization: Bearer ...")
    if token.startswith(PREFIX):
        await identify(request, session, token, needed=set())
    login = await CallerService(session, state_of(request)["tokens"]).identify(token)
    await admit(request, login.user)
    return login


async def identify(request: Request, session: Session, key: str, needed: set[str] | None) -> User:
    """Whom an API key speaks for: ``None`` needs no scope, an empty set is for what no key may do."""
    user = await get_api_keys(work_in(session, request)).identify(key, needed)
    await admit(request, user)
    return user


async def admit(request: Request, user: User) -> None:
    """Count a request of somebody who is known."""
    request.state.user_id = str(user.id)  # for the access log
    await state_of(request)["limiter"].count_account(user.id)


CurrentLogin = Annotated[Login, Depends(get_login)]


async def get_current_user(login: CurrentLogin) -> User:
    """The account of the access token."""
    return login.user


CurrentUser = Annotated[User, Depends(get_current_user)]


async def get_caller(request: Request, scopes: SecurityScopes, token: Bearer) -> User:
    """Whom the access token speaks for, or an API key that has the route's scopes."""
    session = session_of(request)
    if token is None or not token.startswith(PREFIX):
        return (await log_in(request, session, token)).user
    return await identify(request, session, token, set(scopes.scopes))


ItemReader = Annotated[User, Security(get_caller, scopes=["items:read"])]
ItemWriter = Annotated[User, Security(get_caller, scopes=["items:write"])]
JobReader = Annotated[User, Security(get_caller, scopes=["jobs:read"])]
JobWriter = Annotated[User, Security(get_caller, scopes=["jobs:write"])]


async def get_admin(user: CurrentUser) -> User:
    """The caller, who must be an administrator."""
    if user.role != Role.ADMIN:
        raise AdminOnly("This is for administrators.")
    return user


Admin = Annotated[User, Depends(get_admin)]


class MetricsDisabled(NotFound):
    """Metrics are not served without a token in production."""


async def check_metrics_token(settings: AppSettings, token: Bearer) -> None:
    """Let the scraper in. Development needs no token; production without one has no metrics."""
    expected = settings.metrics_token
    if expected is None and settings.production:
        raise MetricsDisabled("Metrics are off.")
    if expected and not hmac.compare_digest((token or "").encode(), expected.get_secret_value().encode()):
        raise MissingToken("Send the metrics token: Authorization: Bearer ...")
