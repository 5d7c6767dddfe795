"""Logging in (the password grant's form, so that the docs page's Authorize button works)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.core.passwords import MAX_LENGTH


class LoginForm(BaseModel):
    """Unknown form fields are ignored, as RFC 6749, section 3.2 asks."""

    model_config = ConfigDict(frozen=True)

    grant_type: Literal["password"] = "password"
    username: str = Field(max_length=254, description="The email address.", examples=["ada@example.com"])
    password: SecretStr = Field(max_length=MAX_LENGTH, examples=["correct horse battery staple"])


class Token(BaseModel):
    """An access token (RFC 6750)."""

    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl"])
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of the type
    expires_in: int = Field(description="Seconds until it expires.", examples=[900])
