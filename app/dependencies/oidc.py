"""Logins with an OpenID Connect provider, and the cookie that ties them to a browser."""

from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

from app.core.errors import NotFound
from app.dependencies.resources import AppSettings, ThisWork
from app.schemas.oidc import OidcAnswer
from app.services.identity_service import IdentityService
from app.services.oidc_service import LIFETIME, OidcService

AnyResponse = TypeVar("AnyResponse", bound=Response)
OidcAnswerQuery = Annotated[OidcAnswer, Query()]


class OidcDisabled(NotFound):
    """No OpenID Connect provider is configured."""


@dataclass(frozen=True, slots=True)
class LoginCookie:
    """What the browser brings back from the provider: somebody else's answer is worth nothing in it."""

    name: str
    secure: bool
    value: str

    def give(self, response: AnyResponse, value: str) -> AnyResponse:
        """Set the cookie; SameSite=Lax, as it has to come along when the provider sends the browser back."""
        seconds = int(LIFETIME.total_seconds())
        response.set_cookie(self.name, value, seconds, secure=self.secure, httponly=True, samesite="lax")
        return response


async def get_login_cookie(request: Request, settings: AppSettings) -> LoginCookie:
    """The cookie of this request; the prefix keeps other hosts of the domain from planting one."""
    name = "__Host-oidc_login" if settings.production else "oidc_login"
    return LoginCookie(name, settings.production, request.cookies.get(name, ""))


async def get_oidc_logins(work: ThisWork) -> OidcService:
    """Logins with the provider, if there is one."""
    state = work.state
    if state["oidc"] is None:
        raise OidcDisabled("Logging in with OpenID Connect is not set up.")
    return OidcService(
        session=work.session,
        provider=state["oidc"],
        identities=IdentityService(work.session, state["passwords"], work.audit),
        throttle=state["throttle"],
        audit=work.audit,
        client_address=work.address,
    )


BrowserCookie = Annotated[LoginCookie, Depends(get_login_cookie)]
OidcLogins = Annotated[OidcService, Depends(get_oidc_logins)]
