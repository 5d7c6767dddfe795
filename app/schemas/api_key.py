"""API keys over the wire."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from app.schemas.base import ONE_LINE, Input, Output, Timestamp
from app.schemas.page import PageParameters

Scope = Literal["items:read", "items:write", "jobs:read", "jobs:write"]
SCOPES: dict[Scope, str] = {
    "items:read": "Read your items.",
    "items:write": "Create, change and delete your items.",
    "jobs:read": "Follow your jobs.",
    "jobs:write": "Cancel and retry your jobs.",
}


def _in_future(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise PydanticCustomError("past_time", "Input should be a time in the future")
    return moment


KeyName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    ONE_LINE,
    Field(examples=["Nightly import"]),
]


class ApiKeyCreate(Input):
    """A new key."""

    name: KeyName
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=len(SCOPES), examples=[["items:read"]]),
        AfterValidator(lambda scopes: list(dict.fromkeys(scopes))),
    ]
    expires_at: Annotated[AwareDatetime, Strict(strict=False), AfterValidator(_in_future)] | None = None


class ApiKeyResponse(Output):
    """A key, without what makes it one."""

    id: UUID
    name: str = Field(examples=["Nightly import"])
    prefix: str = Field(description="How the key begins.", examples=["sw_Xk29fQ"])
    scopes: list[Scope]
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    created_at: Timestamp


class ApiKeyCreated(ApiKeyResponse):
    """A key that was just made."""

    key: str = Field(description="Shown this once.", examples=["sw_Xk29fQpLmN0r8sT1uV2wX3yZ"])


class ApiKeyParameters(PageParameters):
    """Which keys."""

    sort: Literal["created_at", "-created_at"] = "-created_at"
