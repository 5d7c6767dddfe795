"""What the process opened once, and what one request adds to it: a transaction, a client."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, NamedTuple, TypedDict, TypeVar, cast

from anyio import Semaphore
from fastapi import Depends, Request

from app.core.config import Settings
from app.core.cursors import Cursors
from app.core.database import Database, Session
from app.core.draining import Drain
from app.core.mail import BestEffortMailer
from app.core.metrics import Metrics
from app.core.oidc import OidcProvider
from app.core.overload import Overload
from app.core.passwords import PasswordHasher
from app.core.refresh_tokens import RefreshTokens
from app.core.request_limits import RequestLimiter
from app.core.slots import Slots
from app.core.text import network, printable
from app.core.throttle import Throttle
from app.core.tokens import AccessTokens
from app.core.vault import Vault
from app.core.webhooks.egress import Guard
from app.services.audit_service import AuditService
from app.services.job_watcher import JobWatcher
from app.services.paging import Pager

Service = TypeVar("Service")
MAX_DEVICE_LENGTH = 200


class State(TypedDict):
    """What the lifespan opens once and every request shares."""

    settings: Settings
    database: Database
    metrics: Metrics
    drain: Drain
    overload: Overload
    passwords: PasswordHasher
    tokens: AccessTokens
    refresh_tokens: RefreshTokens
    cursors: Cursors
    throttle: Throttle
    limiter: RequestLimiter
    exports: Slots
    vault: Vault
    webhook_guard: Guard
    anonymous_turns: Semaphore
    oidc: OidcProvider | None
    mailer: BestEffortMailer
    job_watcher: JobWatcher


class ClientInfo(NamedTuple):
    """The client's network, which is what attempts are counted by, and its name made safe to store."""

    address: str
    device: str | None


def state_of(request: Request) -> State:
    """The lifespan's state."""
    return cast("State", request.state)


def session_of(request: Request) -> Session:
    """The session of the request, in the transaction of its route."""
    try:
        return cast("Session", request.state.session)
    except AttributeError:
        raise RuntimeError("only routes of app.core.routing.Router have a session") from None


def address_of(request: Request) -> str:
    """The client's network."""
    return network(request.client.host) if request.client else "unknown"


async def get_state(request: Request) -> State:
    """The lifespan's state."""
    return state_of(request)


Shared = Annotated[State, Depends(get_state)]


class Work(NamedTuple):
    """What the services of one request share. One dependency, as FastAPI walks its tree at every mention."""

    state: State
    session: Session
    address: str
    pager: Pager
    audit: AuditService


def work_in(session: Session, request: Request) -> Work:
    """What is built around a session."""
    state, address = state_of(request), address_of(request)
    pager = Pager(session, state["cursors"])
    return Work(state, session, address, pager, AuditService(session, pager, address))


async def get_work(request: Request) -> Work:
    """The work of this request, in the transaction of its route."""
    return work_in(session_of(request), request)


ThisWork = Annotated[Work, Depends(get_work)]


def of_work(build: Callable[[Work], Service]) -> Any:  # noqa: ANN401 - as Depends itself
    """The dependency that builds a service around the work of the request, and needs no other for it."""

    async def provide(request: Request) -> Service:
        return build(await get_work(request))

    return Depends(provide)


async def get_export_slot(state: Shared) -> AsyncIterator[None]:
    """Room for one export, until its last byte is sent."""
    with state["exports"].take():
        yield


ExportSlot = Annotated[None, Depends(get_export_slot, scope="request")]


async def get_settings(state: Shared) -> Settings:
    """The settings."""
    return state["settings"]


async def get_metrics(state: Shared) -> Metrics:
    """The instruments."""
    return state["metrics"]


async def get_client(request: Request) -> ClientInfo:
    """Where the request comes from, and what the client calls itself."""
    user_agent = request.headers.get("user-agent")
    device = printable(user_agent, MAX_DEVICE_LENGTH) if user_agent else None
    return ClientInfo(address_of(request), device)


Client = Annotated[ClientInfo, Depends(get_client)]


AppSettings = Annotated[Settings, Depends(get_settings)]
AppMetrics = Annotated[Metrics, Depends(get_metrics)]
