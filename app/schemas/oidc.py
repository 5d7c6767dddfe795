"""What an OpenID Connect provider sends a browser back with."""

from pydantic import MISSING, BaseModel, ConfigDict, Field, SecretStr


class OidcAnswer(BaseModel):
    """Other parameters are ignored, as RFC 6749, section 4.1.2 asks: providers add their own."""

    model_config = ConfigDict(frozen=True)

    state: SecretStr = Field(max_length=200, description="What the login began with.")
    code: SecretStr | MISSING = Field(
        MISSING, max_length=4096, description="What the provider proves it with."
    )
    error: str | MISSING = Field(MISSING, max_length=200, description="Why there is no code.")
    iss: str | MISSING = Field(MISSING, max_length=2000, description="Who answers (RFC 9207).")
