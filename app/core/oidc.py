"""What the service and an OpenID Connect provider say to each other (Core 1.0, code flow; PKCE, RFC 7636).

The requests are ours, so that each has a bound; Authlib and joserfc judge what comes back.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from httpx2 import BasicAuth
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jws import JWSRegistry

from app.core.config import Settings
from app.core.errors import NotAuthenticated
from app.core.json_client import open_json_client
from app.core.oidc_discovery import MALFORMED, Discovery, Metadata, Published
from app.core.oidc_settings import OidcSettings
from app.core.opaque_tokens import make_token

logger = logging.getLogger("app.oidc")
# Never a symmetric one: its key would be one the provider publishes, or a secret that others have, too.
SIGNATURES = JWSRegistry(algorithms=["RS256", "PS256", "ES256"], strict_check_header=False)
LEEWAY = 60  # seconds that the provider's clock and ours may differ
MAX_SUBJECT = 255


class OidcLoginRefused(NotAuthenticated):
    """The OpenID Connect provider refused the login, or what it says does not prove who you are."""

    keeps_writes = True


@dataclass(frozen=True, slots=True)
class Challenge:
    """The three secrets of one login: they tie the provider's answer to the browser that asked."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Challenge":
        """Secrets that nobody can guess."""
        return cls(make_token(), make_token(), make_token())


@dataclass(frozen=True, slots=True)
class Person:
    """Who has logged in, as the provider knows them (Core 1.0, section 5.1)."""

    subject: str
    email: object
    email_verified: bool
    name: object

    @classmethod
    def of(cls, claims: dict[str, Any]) -> "Person":
        """Read proven claims; the address and the name may still be anything."""
        subject = claims["sub"]
        if not (0 < len(subject) <= MAX_SUBJECT and subject.isascii() and subject.isprintable()):
            raise ValueError("not a subject")
        return cls(subject, claims.get("email"), claims.get("email_verified") is True, claims.get("name"))


class OidcProvider:
    """Sends browsers to the provider, and finds out who they come back as."""

    def __init__(self, settings: OidcSettings, discovery: Discovery) -> None:
        self.issuer = settings.issuer
        self._settings = settings
        self._discovery = discovery

    async def authorization_url(self, challenge: Challenge) -> str:
        """Where a browser goes to log in.

        Raises:
            OidcProviderUnavailable: what the provider publishes cannot be read.
        """
        published = await self._discovery.read()
        url: str = prepare_grant_uri(
            published.metadata.authorization_endpoint,
            self._settings.client_id,
            "code",
            redirect_uri=self._settings.redirect_url,
            scope=self._settings.scopes,
            state=challenge.state,
            nonce=challenge.nonce,
            code_challenge=create_s256_code_challenge(challenge.verifier),
            code_challenge_method="S256",
        )
        return url

    async def identify(self, code: str, verifier: str, nonce: str) -> Person:
        """Exchange a code for proof of who has logged in.

        Raises:
            OidcLoginRefused: the code, the verifier or the ID token is not good.
            OidcProviderUnavailable: the provider does not answer.
        """
        published = await self._discovery.read()
        tokens = await self._redeem(published.metadata, code, verifier)
        try:
            claims = await self._verify(published, tokens, nonce)
            return Person.of(await self._complete(published.metadata, tokens, claims))
        except MALFORMED as error:
            logger.warning("ID token refused", extra={"reason": type(error).__name__})
            raise OidcLoginRefused("What the provider says about you is not valid.") from error

    async def _redeem(self, metadata: Metadata, code: str, verifier: str) -> dict[str, Any]:
        client_id, secret = self._settings.client_id, self._settings.client_secret.get_secret_value()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_url,
            "code_verifier": verifier,
        }
        auth: BasicAuth | None = BasicAuth(quote(client_id, ""), quote(secret, ""))  # RFC 6749, 2.3.1
        if "client_secret_basic" not in metadata.token_endpoint_auth_methods_supported:
            form, auth = form | {"client_id": client_id, "client_secret": secret}, None
        status, answer = await self._discovery.ask("POST", metadata.token_endpoint, data=form, auth=auth)
        if status != HTTPStatus.OK:
            logger.warning("code refused", extra={"status": status, "reason": str(answer.get("error"))[:100]})
            raise OidcLoginRefused("The provider did not accept the login.")
        return answer

    async def _verify(self, published: Published, tokens: dict[str, Any], nonce: str) -> dict[str, Any]:
        try:
            token = jwt.decode(tokens["id_token"], published.keys, registry=SIGNATURES)
        except InvalidKeyIdError:  # the provider has a new key; only a token of its own can bring us here
            published = await self._discovery.read(again=True)
            token = jwt.decode(tokens["id_token"], published.keys, registry=SIGNATURES)
        client_id = self._settings.client_id
        expected = {"iss": {"value": self.issuer}, "aud": {"value": client_id}}
        context = {"nonce": nonce, "client_id": client_id, "access_token": tokens["access_token"]}
        claims = CodeIDToken(token.claims, token.header, expected, context)
        claims.validate(leeway=LEEWAY)
        return dict(claims)

    async def _complete(
        self, metadata: Metadata, tokens: dict[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Providers may leave address and name to the user info endpoint (Core 1.0, section 5.4)."""
        if "email" in claims or metadata.userinfo_endpoint is None:
            return claims
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        _, more = await self._discovery.ask("GET", metadata.userinfo_endpoint, headers=bearer)
        if more["sub"] != claims["sub"]:  # section 5.3.2: it must be the same user
            raise ValueError("another user")
        return more | claims


@asynccontextmanager
async def open_oidc(settings: Settings) -> AsyncIterator[OidcProvider | None]:
    """The provider, if there is one, and connections to it that are closed at the end."""
    if not settings.oidc.enabled:
        yield None
        return
    async with open_json_client() as client:
        yield OidcProvider(settings.oidc, Discovery(settings.oidc.issuer, client))
