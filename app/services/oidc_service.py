"""Logging in with an OpenID Connect provider: the way there, and the way back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import MISSING
from sqlalchemy import delete, func, select

from app.core.database import Session
from app.core.errors import RuleBroken
from app.core.oidc import Challenge, OidcLoginRefused, OidcProvider, Person
from app.core.opaque_tokens import fingerprint, make_token
from app.core.throttle import Policy, Throttle
from app.models import Action, OidcLogin
from app.schemas.oidc import OidcAnswer
from app.services.audit_service import AuditService
from app.services.identity_service import IdentityService

LIFETIME = timedelta(minutes=10)
REQUESTS_OF_ADDRESS = Policy.of("oidc", "200 per 15 minutes")  # a login takes two
SWEEP = 100  # expired logins that each new one takes away


class OidcLoginExpired(RuleBroken):
    """The login was not begun in this browser, took more than ten minutes, or was finished before."""

    keeps_writes = True


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send a browser, and the secret it must bring back."""

    url: str
    browser: str


@dataclass(frozen=True)
class OidcService:
    """Begins and finishes logins. The provider is only asked while no transaction is open."""

    session: Session
    provider: OidcProvider
    identities: IdentityService
    throttle: Throttle
    audit: AuditService
    client_address: str

    async def begin(self) -> Departure:
        """Prepare a login.

        Raises:
            OidcProviderUnavailable: the provider is away.
            TooManyRequests: too many logins from this client.
        """
        await self.throttle.spend(REQUESTS_OF_ADDRESS, self.client_address)
        challenge, browser = Challenge.new(), make_token()
        url = await self.provider.authorization_url(challenge)
        await self._sweep()
        login = OidcLogin(
            state_hash=fingerprint(challenge.state),
            browser_hash=fingerprint(browser),
            nonce=challenge.nonce,
            verifier=challenge.verifier,
            expires_at=datetime.now(UTC) + LIFETIME,
        )
        self.session.add(login)
        return Departure(url, browser)

    async def finish(self, answer: OidcAnswer, browser: str) -> UUID:
        """The account of whoever comes back from the provider.

        Raises:
            OidcLoginExpired: this browser has begun no such login, or it is over.
            OidcLoginRefused: the provider refused, or its proof is not good.
            OidcProviderUnavailable: the provider is away.
            UnverifiedIdentity, AccountNotLinked, AccountDisabled: no account is theirs for certain.
            TooManyRequests: too many logins from this client.
        """
        await self.throttle.spend(REQUESTS_OF_ADDRESS, self.client_address)
        try:
            person = await self._identify(answer, browser)
        except (OidcLoginExpired, OidcLoginRefused):
            self.audit.record(Action.LOGIN_FAILED, actor=None, target=None)
            raise
        return (await self.identities.find(self.provider.issuer, person)).id

    async def _identify(self, answer: OidcAnswer, browser: str) -> Person:
        state = fingerprint(answer.state)
        used = (
            delete(OidcLogin)
            .where(OidcLogin.state_hash == state, OidcLogin.browser_hash == fingerprint(browser))
            .where(OidcLogin.expires_at > func.now())
            .returning(OidcLogin.nonce, OidcLogin.verifier)
        )
        login = (await self.session.execute(used)).one_or_none()
        await self.session.commit()  # it is used up whatever comes next, and nothing waits for the provider
        if login is None:
            raise OidcLoginExpired("This browser has begun no such login, or it is over. Begin again.")
        if answer.code is MISSING or (answer.iss is not MISSING and answer.iss != self.provider.issuer):
            raise OidcLoginRefused("The provider refused the login.")
        return await self.provider.identify(answer.code, login.verifier, login.nonce)

    async def _sweep(self) -> None:
        expired = select(OidcLogin.id).where(OidcLogin.expires_at < func.now()).limit(SWEEP)
        others = expired.with_for_update(
            skip_locked=True
        )  # two that sweep at once do not wait for each other
        await self.session.execute(delete(OidcLogin).where(OidcLogin.id.in_(others)))
