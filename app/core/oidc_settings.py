"""Settings of logging in with an OpenID Connect provider."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from authlib.common.security import is_secure_transport
from pydantic import AfterValidator, Field, SecretStr, model_validator

from app.core.setting_groups import Group

CALLBACK = "/api/v1/auth/oidc/callback"
NEEDED = ("issuer", "client_id", "client_secret", "redirect_url")


def _secure(value: str) -> str:
    if value and not is_secure_transport(value):
        raise ValueError("must begin with https://, or on this machine with http://")
    if value and (urlsplit(value).query or urlsplit(value).fragment):
        raise ValueError("must have no query and no fragment")
    return value


def _redirect(value: str) -> str:
    if value and not value.endswith(CALLBACK):
        raise ValueError(f"must end with {CALLBACK}")
    return value


def _scopes(value: str) -> str:
    if "openid" not in value.split():
        raise ValueError("must contain openid")
    return value


class OidcSettings(Group):
    """``APP_OIDC_*``: off while nothing is set, and never half on."""

    issuer: Annotated[str, AfterValidator(_secure)] = Field(
        "", description="OpenID Connect provider, written as its ID tokens name it; unset, that login is off."
    )
    client_id: str = Field("", description="What the provider calls this service.")
    client_secret: SecretStr = Field(SecretStr(""), description="What the service authenticates with there.")
    redirect_url: Annotated[str, AfterValidator(_secure), AfterValidator(_redirect)] = Field(
        "", description=f"Where the provider sends browsers back: the public URL and `{CALLBACK}`."
    )
    scopes: Annotated[str, AfterValidator(_scopes)] = Field(
        "openid email profile", description="What the provider is asked for, separated by spaces."
    )

    @property
    def enabled(self) -> bool:
        """Whether there is a provider."""
        return bool(self.issuer)

    def insecure(self) -> dict[str, bool]:
        """Everything between browser, provider and service must be encrypted."""
        plain = [url for url in (self.issuer, self.redirect_url) if not url.startswith("https://")]
        reason = "APP_OIDC_ISSUER and APP_OIDC_REDIRECT_URL must begin with https://"
        return {reason: self.enabled and bool(plain)}

    @model_validator(mode="after")
    def _refuse_half(self) -> Self:
        missing = [name for name in NEEDED if not getattr(self, name)]
        if missing and len(missing) < len(NEEDED):
            raise ValueError(f"is only partly set, these are missing: {', '.join(missing)}")
        return self
