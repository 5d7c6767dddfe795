"""What a route may ask for, by name: ``async def list_items(user: CurrentUser, items: Items)``."""

import hmac
from collections.abc import AsyncIterator
from typing import Annotated, NamedTuple, TypedDict, cast

from fastapi import BackgroundTasks, Depends, Header, Query, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.config import Settings
from app.core.cursors import Cursors
from app.core.database import Database
from app.core.errors import Forbidden, NotAuthenticated, NotFound
from app.core.mail import BestEffortMailer
from app.core.metrics import Metrics
from app.core.passwords import PasswordHasher
from app.core.refresh_tokens import RefreshTokens
from app.core.text import network, printable
from app.core.throttle import Throttle
from app.core.tokens import AccessTokens
from app.models import Role, User
from app.schemas.audit_event import AuditParameters
from app.schemas.auth import SessionParameters
from app.schemas.item import ItemParameters
from app.schemas.user import UserParameters
from app.services.audit_service import AuditService
from app.services.auth_service import AuthService, Login
from app.services.confirmation_service import ConfirmationService
from app.services.health_service import HealthService
from app.services.item_service import ItemService
from app.services.letter_service import LetterService
from app.services.mails import Mails
from app.services.paging import Pager
from app.services.session_service import SessionService
from app.services.user_service import UserService

MAX_DEVICE_LENGTH = 200


class State(TypedDict):
    """What the lifespan opens once and every request shares."""

    settings: Settings
    database: Database
    metrics: Metrics
    passwords: PasswordHasher
    tokens: AccessTokens
    refresh_tokens: RefreshTokens
    cursors: Cursors
    throttle: Throttle
    mailer: BestEffortMailer


class ClientInfo(NamedTuple):
    """The client's network, which is what attempts are counted by, and its name made safe to store."""

    address: str
    device: str | None


async def get_state(request: Request) -> State:
    """The lifespan's state."""
    return cast("State", request.state)


Shared = Annotated[State, Depends(get_state)]


async def get_session(state: Shared) -> AsyncIterator[AsyncSession]:
    """One transaction per request: commit when the handler returns, roll back when it raises."""
    async with state["database"].transaction() as session:
        yield session


# scope="function" commits before the response is sent, so that no client ever sees a 201 for a lost row.
Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def get_settings(state: Shared) -> Settings:
    """The settings."""
    return state["settings"]


async def get_metrics(state: Shared) -> Metrics:
    """The instruments."""
    return state["metrics"]


async def get_client(
    request: Request, user_agent: Annotated[str | None, Header(include_in_schema=False)] = None
) -> ClientInfo:
    """Where the request comes from, and what the client calls itself."""
    device = printable(user_agent, MAX_DEVICE_LENGTH) if user_agent else None
    return ClientInfo(network(request.client.host) if request.client else "unknown", device)


Client = Annotated[ClientInfo, Depends(get_client)]


async def get_pager(state: Shared, session: Session) -> Pager:
    """Pages of lists."""
    return Pager(session, state["cursors"])


Pages = Annotated[Pager, Depends(get_pager)]


async def get_audit(session: Session, pager: Pages, client: Client) -> AuditService:
    """The audit trail."""
    return AuditService(session, pager, client.address)


Audit = Annotated[AuditService, Depends(get_audit)]


async def get_letters(
    state: Shared, session: Session, client: Client, background: BackgroundTasks
) -> LetterService:
    """Mails to account holders, sent after the response."""
    return LetterService(
        session=session,
        database=state["database"],
        mails=Mails(state["settings"].mail.links),
        mailer=state["mailer"],
        throttle=state["throttle"],
        client_address=client.address,
        later=background.add_task,
    )


async def get_confirmations(session: Session) -> ConfirmationService:
    """Tokens from mails."""
    return ConfirmationService(session)


async def get_users(state: Shared, session: Session, pager: Pages, audit: Audit) -> UserService:
    """Accounts."""
    return UserService(session, state["passwords"], pager, audit)


async def get_auth(state: Shared, session: Session, audit: Audit) -> AuthService:
    """Logins."""
    return AuthService(session, state["passwords"], state["tokens"], state["throttle"], audit)


async def get_sessions(state: Shared, session: Session, pager: Pages, audit: Audit) -> SessionService:
    """Login sessions."""
    return SessionService(session, state["tokens"], state["refresh_tokens"], pager, audit)


async def get_items(session: Session, pager: Pages) -> ItemService:
    """Items."""
    return ItemService(session, pager)


async def get_readiness(state: Shared) -> HealthService:
    """Readiness checks, each on a connection of its own."""
    return HealthService(state["database"])


AppSettings = Annotated[Settings, Depends(get_settings)]
AppMetrics = Annotated[Metrics, Depends(get_metrics)]
Users = Annotated[UserService, Depends(get_users)]
Letters = Annotated[LetterService, Depends(get_letters)]
Confirmations = Annotated[ConfirmationService, Depends(get_confirmations)]
Auth = Annotated[AuthService, Depends(get_auth)]
Sessions = Annotated[SessionService, Depends(get_sessions)]
Items = Annotated[ItemService, Depends(get_items)]
Readiness = Annotated[HealthService, Depends(get_readiness)]

AuditQuery = Annotated[AuditParameters, Query()]
ItemQuery = Annotated[ItemParameters, Query()]
SessionQuery = Annotated[SessionParameters, Query()]
UserQuery = Annotated[UserParameters, Query()]

# auto_error off: its answer would not be a problem of ours.
Bearer = Annotated[str | None, Depends(OAuth2PasswordBearer("/api/v1/auth/token", auto_error=False))]


class MissingToken(NotAuthenticated):
    """The route needs an access token and the request has none."""


class AdminOnly(Forbidden):
    """The route is for administrators."""


async def get_login(request: Request, token: Bearer, auth: Auth) -> Login:
    """The account and session of the access token, as they stand now."""
    if token is None:
        raise MissingToken("Send an access token: Authorization: Bearer ...")
    login = await auth.identify(token)
    request.state.user_id = str(login.user.id)  # for the access log
    return login


CurrentLogin = Annotated[Login, Depends(get_login)]


async def get_current_user(login: CurrentLogin) -> User:
    """The account of the access token."""
    return login.user


CurrentUser = Annotated[User, Depends(get_current_user)]


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
