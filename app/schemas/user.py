"""Users over the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError

from app.core.passwords import MAX_LENGTH, MIN_LENGTH, normalise
from app.core.text import parse_email
from app.schemas.base import ONE_LINE, Flag, Input, Output, Search, Timestamp
from app.schemas.page import PageParameters


def _email(value: str) -> str:
    try:
        parse_email(value)
    except ValueError as error:
        raise PydanticCustomError("email", "Input should be an email address in ASCII letters") from error
    return value.strip()


def _password(value: SecretStr) -> SecretStr:
    password = normalise(value.get_secret_value())
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise PydanticCustomError(
            "password_length",
            "A password has {least} to {most} characters",
            {"least": MIN_LENGTH, "most": MAX_LENGTH},
        )
    return SecretStr(password)


Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}, examples=["ada@example.com"]),
    AfterValidator(_email),
]
NewPassword = Annotated[
    SecretStr,
    Field(
        json_schema_extra={"minLength": MIN_LENGTH, "maxLength": MAX_LENGTH},
        examples=["correct horse battery staple"],
    ),
    AfterValidator(_password),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    ONE_LINE,
    Field(examples=["Ada Lovelace"]),
]
Age = Annotated[int, Field(ge=0, le=150, examples=[36])]
RoleName = Literal["user", "admin"]


class UserCreate(Input):
    """A registration."""

    email: Email
    password: NewPassword
    name: Name
    age: Age | None = None


class PasswordProof(Input):
    """The current password, as a proof of identity: a stolen session is not enough."""

    current_password: SecretStr = Field(max_length=MAX_LENGTH, examples=["correct horse battery staple"])


class PasswordChange(PasswordProof):
    """A new password, and the current one as a proof of identity."""

    new_password: NewPassword


class EmailChange(PasswordProof):
    """A new address, and the current password as a proof of identity."""

    email: Email


class ProfileUpdate(Input):
    """What people may change about themselves."""

    name: Name | MISSING = MISSING
    age: Age | MISSING | None = MISSING


class UserUpdate(Input):
    """What an administrator may change about an account."""

    role: RoleName | MISSING = MISSING
    is_active: bool | MISSING = MISSING


class UserResponse(Output):
    """An account."""

    id: UUID
    email: str = Field(examples=["ada@example.com"])
    name: str = Field(examples=["Ada Lovelace"])
    age: int | None = Field(examples=[36])
    role: RoleName
    is_active: bool
    email_verified: bool
    two_factor: bool
    created_at: Timestamp
    updated_at: Timestamp


class UserParameters(PageParameters):
    """Which accounts."""

    sort: Literal["created_at", "-created_at"] = "-created_at"
    role: RoleName | MISSING = MISSING
    is_active: Flag | MISSING = MISSING
    q: Search | MISSING = Field(
        MISSING, description="Words, or their beginnings, in the name or the address, in any case."
    )
