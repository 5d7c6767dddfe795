"""Logging in (the password grant's form, so that the docs page's Authorize button works)."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.core.passwords import MAX_LENGTH
from app.schemas.base import Input, Output, Timestamp
from app.schemas.page import PageParameters
from app.schemas.user import Email, NewPassword


class LoginForm(BaseModel):
    """Unknown form fields are ignored, as RFC 6749, section 3.2 asks."""

    model_config = ConfigDict(frozen=True)

    grant_type: Literal["password"] = "password"
    username: str = Field(max_length=254, description="The email address.", examples=["ada@example.com"])
    password: SecretStr = Field(max_length=MAX_LENGTH, examples=["correct horse battery staple"])
    totp: SecretStr | None = Field(
        None,
        max_length=64,
        description="With two-factor authentication: six digits of the app, or a recovery code.",
        examples=["123456"],
    )


class RefreshRequest(Input):
    """A refresh token to exchange."""

    refresh_token: SecretStr = Field(max_length=200, examples=["swr_0123456789abcdef"])


class EmailRequest(Input):
    """An address to mail to."""

    email: Email


class Confirmation(Input):
    """A token from a mail."""

    token: SecretStr = Field(max_length=200, examples=["dGhlIHRva2VuIGZyb20gdGhlIG1haWw"])


class PasswordReset(Confirmation):
    """A token from a mail, and the password it sets."""

    new_password: NewPassword


class Token(BaseModel):
    """An access token (RFC 6750), and the refresh token that gets the next one."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl"])
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of the type
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[900])
    refresh_token: str = Field(description="Works once.", examples=["swr_0123456789abcdef"])
    refresh_expires_in: int = Field(description="Seconds until the session expires.", examples=[2592000])


class SessionResponse(Output):
    """A login on one device."""

    id: UUID
    device: str | None = Field(description="What the client called itself.", examples=["Mozilla/5.0"])
    created_at: Timestamp
    last_used_at: Timestamp
    expires_at: Timestamp


class SessionParameters(PageParameters):
    """Which sessions."""

    sort: Literal["created_at", "-created_at", "last_used_at", "-last_used_at"] = "-created_at"
