"""What an OpenID Connect provider sends a browser back with."""

from pydantic import MISSING, BaseModel, ConfigDict, Field

VISIBLE = r"^[\x20-\x7e]+$"  # RFC 6749, appendix A


class OidcAnswer(BaseModel):
    """Other parameters are ignored, as RFC 6749, section 4.1.2 asks: providers add their own."""

    model_config = ConfigDict(frozen=True)

    state: str = Field(max_length=200, pattern=VISIBLE, repr=False, description="What the login began with.")
    code: str | MISSING = Field(
        MISSING,
        max_length=4096,
        pattern=VISIBLE,
        repr=False,
        description="What the login can be proved with.",
    )
    error: str | MISSING = Field(
        MISSING, max_length=200, pattern=VISIBLE, description="Why there is no code."
    )
    iss: str | MISSING = Field(
        MISSING, max_length=1000, pattern=VISIBLE, description="Who answers (RFC 9207)."
    )
