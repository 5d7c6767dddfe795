"""Logging in with an OpenID Connect provider. Both routes are for browsers: the second follows the first."""

from starlette.responses import RedirectResponse

from app.core.oidc import OidcLoginRefused
from app.core.oidc_discovery import OidcProviderUnavailable
from app.core.problems import problems
from app.core.routing import Router
from app.core.throttle import TooManyRequests
from app.dependencies import BrowserCookie, Client, OidcAnswerQuery, OidcDisabled, OidcLogins, Sessions
from app.routers.headers import redirects
from app.schemas.auth import Token
from app.services.identity_service import AccountDisabled, AccountNotLinked, UnverifiedIdentity
from app.services.oidc_service import OidcLoginExpired

router = Router(prefix="/auth/oidc", tags=["auth"])
UNAVAILABLE = problems(OidcDisabled, OidcProviderUnavailable, TooManyRequests)
REFUSED = problems(OidcLoginExpired, OidcLoginRefused, UnverifiedIdentity, AccountDisabled, AccountNotLinked)


@router.get(
    "/login", status_code=303, response_class=RedirectResponse, responses=redirects(303) | UNAVAILABLE
)
async def begin_oidc_login(logins: OidcLogins, cookie: BrowserCookie) -> RedirectResponse:
    """Go to the provider to log in."""
    departure = await logins.begin()
    return cookie.give(RedirectResponse(departure.url, 303), departure.browser)


@router.get("/callback", responses=REFUSED | UNAVAILABLE)
async def finish_oidc_login(
    answer: OidcAnswerQuery, logins: OidcLogins, cookie: BrowserCookie, sessions: Sessions, client: Client
) -> Token:
    """Come back from the provider: starts a session, in the account of your address if there is one."""
    user_id = await logins.finish(answer, cookie.value)
    return await sessions.open(user_id, client.device)
