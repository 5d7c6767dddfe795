"""What a route may ask for, by name: ``async def list_items(user: CurrentUser, items: Items)``."""

from app.dependencies.callers import (
    Admin,
    AdminOnly,
    CurrentLogin,
    CurrentUser,
    ItemReader,
    ItemWriter,
    MetricsDisabled,
    MissingToken,
    check_metrics_token,
)
from app.dependencies.deprecation import Deprecation, Gone, deprecated
from app.dependencies.oidc import BrowserCookie, OidcAnswerQuery, OidcDisabled, OidcLogins
from app.dependencies.queries import ApiKeyQuery, AuditQuery, ItemQuery, SessionQuery, UserQuery
from app.dependencies.resources import AppMetrics, AppSettings, Client, State
from app.dependencies.services import (
    ApiKeys,
    Audit,
    Auth,
    Confirmations,
    Items,
    Letters,
    Readiness,
    Sessions,
    TwoFactor,
    Users,
)

__all__ = [
    "Admin",
    "AdminOnly",
    "ApiKeyQuery",
    "ApiKeys",
    "AppMetrics",
    "AppSettings",
    "Audit",
    "AuditQuery",
    "Auth",
    "BrowserCookie",
    "Client",
    "Confirmations",
    "CurrentLogin",
    "CurrentUser",
    "Deprecation",
    "Gone",
    "ItemQuery",
    "ItemReader",
    "ItemWriter",
    "Items",
    "Letters",
    "MetricsDisabled",
    "MissingToken",
    "OidcAnswerQuery",
    "OidcDisabled",
    "OidcLogins",
    "Readiness",
    "SessionQuery",
    "Sessions",
    "State",
    "TwoFactor",
    "UserQuery",
    "Users",
    "check_metrics_token",
    "deprecated",
]
