"""What an OpenID Connect provider publishes about itself (Discovery 1.0), read when it is first needed."""

import logging
import time
from dataclasses import dataclass
from typing import Any

from authlib.oidc.discovery import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict

from app.core.errors import Unavailable
from app.core.json_client import JsonClient, NoAnswer

logger = logging.getLogger("app.oidc")
KNOWN_SECONDS = 3600  # how long what is published is believed without asking again
MALFORMED = (JoseError, ValueError, TypeError, KeyError, AttributeError)  # what foreign JSON leads to


class OidcProviderUnavailable(Unavailable):
    """The OpenID Connect provider does not answer, or not as the protocol asks; the log says what it was."""


class Metadata(BaseModel):
    """What we need of a provider's configuration (section 3)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True, slots=True)
class Published:
    """The provider's configuration and keys, and until when they are believed."""

    metadata: Metadata
    keys: KeySet
    until: float


class Discovery:
    """Reads and remembers what the provider publishes; it is not asked before somebody logs in."""

    def __init__(self, issuer: str, client: JsonClient) -> None:
        self.issuer = issuer
        self._client = client
        self._published: Published | None = None

    async def read(self, *, again: bool = False) -> Published:
        """The configuration and the keys.

        Two that come at once both ask: harmless, while a lock would make all wait for a dead provider.

        Raises:
            OidcProviderUnavailable: they cannot be read.
        """
        known = self._published
        if known is not None and not again and time.monotonic() < known.until:
            return known
        _, answer = await self.ask("GET", get_well_known_url(self.issuer, external=True))
        try:
            metadata = Metadata.model_validate(answer)
            _check(metadata, self.issuer)
            _, answer = await self.ask("GET", metadata.jwks_uri)
            keys = KeySet.import_key_set({"keys": answer["keys"]})
        except MALFORMED as error:
            raise _unavailable(f"malformed: {type(error).__name__}") from error
        self._published = Published(metadata, keys, time.monotonic() + KNOWN_SECONDS)
        return self._published

    async def ask(self, method: str, url: str, **options: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - httpx2's own
        """Send a request to the provider.

        Raises:
            OidcProviderUnavailable: there is no answer that makes sense.
        """
        try:
            return await self._client.ask(method, url, **options)
        except NoAnswer as error:
            raise _unavailable(str(error)) from error


def _check(metadata: Metadata, issuer: str) -> None:
    if metadata.issuer != issuer:
        raise ValueError("another issuer")
    urls = [url for name, url in metadata if name.endswith(("_endpoint", "_uri")) and url]
    if issuer.startswith("https://") and not all(url.startswith("https://") for url in urls):
        raise ValueError("an endpoint without encryption")


def _unavailable(reason: str) -> OidcProviderUnavailable:
    logger.warning("OpenID Connect provider unavailable", extra={"reason": reason[:200]})
    return OidcProviderUnavailable(
        "The OpenID Connect provider does not answer as it should. Try again later."
    )
