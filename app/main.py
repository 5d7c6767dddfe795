"""The application, assembled: settings, resources, errors, layers, routes."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from anyio import Semaphore
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from app import __version__
from app.core.config import Settings
from app.core.cursors import Cursors
from app.core.database import Database, open_database, watch_pool
from app.core.draining import Drain, open_drain
from app.core.mail import BestEffortMailer, create_mailer
from app.core.metrics import Metrics, create_metrics
from app.core.middleware.draining import Draining
from app.core.middleware.head_requests import HeadRequests
from app.core.middleware.limits import BodyLimits, KnownHosts, RequestLimits
from app.core.middleware.problem_responses import LastResort, ProblemResponses
from app.core.middleware.rate_limit_headers import RateLimitHeaders
from app.core.middleware.request_context import CanonicalPath, RequestContext
from app.core.middleware.security_headers import SecurityHeaders
from app.core.oidc import OidcProvider, open_oidc
from app.core.overload import Overload
from app.core.passwords import PasswordHasher
from app.core.problems import HANDLERS
from app.core.refresh_tokens import RefreshTokens
from app.core.replay import REPLAYED, Replay, as_replayed
from app.core.request_limits import RequestLimiter
from app.core.routing import API
from app.core.slots import Slots
from app.core.throttle import Throttle, open_throttle
from app.core.tokens import AccessTokens
from app.core.vault import Vault
from app.core.webhooks.egress import Guard
from app.dependencies import State
from app.openapi import DocumentedApp, operation_id
from app.routers import (
    api_keys,
    audit_events,
    auth,
    docs,
    items,
    jobs,
    oidc,
    operations,
    queue,
    two_factor,
    users,
    webhooks,
)
from app.routers.admin_ui import add_admin_ui
from app.routers.predictions import add_predictions
from app.services.job_watcher import JobWatcher

# Routes that read a body as it comes, and only from callers they know.
UPLOADS = frozenset({f"{API}/items/import"})
# What browsers may send and read besides the headers that CORS knows.
SENT = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-ID"]
EXPOSED = [
    "Content-Disposition",
    "Deprecation",
    "ETag",
    REPLAYED,
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-Request-ID",
]
DESCRIPTION = "Users and their items. Every error is a problem document (RFC 9457)."
ANONYMOUS_TURNS = 4  # requests of nobody with an Idempotency-Key that may hold a connection at once


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service, configured by the environment unless settings are given."""
    settings = settings or Settings()
    metrics = create_metrics()
    app = DocumentedApp(
        title="Shipworthy",
        version=__version__,
        description=DESCRIPTION,
        contact={"name": "The Shipworthy authors"},
        license_info={"name": "MIT", "identifier": "MIT"},
        lifespan=resources(settings, metrics),
        exception_handlers={**HANDLERS, Replay: as_replayed},
        middleware=layers(settings, metrics),
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        openapi_url=None,  # ours has an ETag
        docs_url=None,
        redoc_url=None,
    )
    for module in (users, auth, two_factor, oidc, api_keys, items, webhooks, queue, audit_events, jobs):
        app.include_router(module.router, prefix=API)  # one level: nested routers cost at every match
    add_predictions(app, settings, metrics)
    app.include_router(operations.router)
    if settings.docs:
        docs.add_docs(app)
    add_admin_ui(app, settings)
    return app


def resources(
    settings: Settings, metrics: Metrics
) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    """What is opened once, when the process starts, and closed when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with (
            open_watched_database(settings, metrics) as database,
            open_throttle(settings) as throttle,
            open_oidc(settings) as provider,
            open_drain(settings.http.drain) as drain,
        ):
            yield share(settings, metrics, database, throttle, provider, drain)

    return lifespan


def share(  # noqa: PLR0913, PLR0917 - each was opened by itself
    settings: Settings,
    metrics: Metrics,
    database: Database,
    throttle: Throttle,
    provider: OidcProvider | None,
    drain: Drain,
) -> State:
    """What every request finds: what was opened, and what only holds it together."""
    return {
        "settings": settings,
        "database": database,
        "metrics": metrics,
        "drain": drain,
        "overload": Overload(settings, database, metrics, EXPOSED),
        "passwords": PasswordHasher(settings.auth),
        "tokens": AccessTokens(settings),
        "refresh_tokens": RefreshTokens(settings),
        "cursors": Cursors(settings),
        "throttle": throttle,
        "limiter": RequestLimiter(throttle, settings.limit),
        "exports": Slots(settings.db.exports),
        "vault": Vault(settings),
        "webhook_guard": Guard(settings.webhook),
        "anonymous_turns": Semaphore(ANONYMOUS_TURNS),
        "oidc": provider,
        "mailer": BestEffortMailer(create_mailer(settings)),
        "job_watcher": JobWatcher(database, drain),
    }


@asynccontextmanager
async def open_watched_database(settings: Settings, metrics: Metrics) -> AsyncIterator[Database]:
    """The database, with gauges on its pool."""
    async with open_database(settings) as database:
        watch_pool(database.engine, metrics)
        yield database


def layers(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """The layers around the routes, outermost first."""
    return [
        Middleware(CanonicalPath),
        Middleware(Draining),
        Middleware(RequestContext, metrics=metrics),
        Middleware(SecurityHeaders, hsts=settings.production),
        Middleware(RateLimitHeaders),
        Middleware(HeadRequests),
        Middleware(ProblemResponses),
        Middleware(KnownHosts, allowed_hosts=settings.http.allowed_hosts, www_redirect=False),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.http.cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=SENT,
            expose_headers=EXPOSED,
        ),
        Middleware(LastResort),
        Middleware(RequestLimits, timeout=settings.http.timeout, uploads=UPLOADS),
        Middleware(
            BodyLimits,
            largest_body=settings.http.max_body_bytes,
            largest_upload=settings.http.max_upload_bytes,
            uploads=UPLOADS,
        ),
    ]
