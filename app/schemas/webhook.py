"""Webhooks over the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.core.webhooks.targets import MAX_LENGTH, MalformedTarget, Target
from app.schemas.base import ONE_LINE, Input, Output, Parameters, Timestamp
from app.schemas.page import PageParameters

Event = Literal["item.created", "item.updated", "item.deleted", "job.finished"]
DeliveryState = Literal["pending", "sending", "succeeded", "failed"]
URL_EXAMPLE = "https://hooks.example.com/shipworthy"


def _normal(url: str) -> str:
    try:
        return Target.parse(url).url
    except MalformedTarget as error:
        raise PydanticCustomError("webhook_url", "The URL {reason}", {"reason": str(error)}) from error


TargetUrl = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LENGTH),
    ONE_LINE,
    AfterValidator(_normal),
    Field(description="Where to post events: `https`, at a public address.", examples=[URL_EXAMPLE]),
]
Events = Annotated[
    list[Event],
    Field(min_length=1, max_length=20, examples=[["item.created", "item.updated"]]),
    AfterValidator(lambda events: list(dict.fromkeys(events))),
]


class WebhookCreate(Input):
    """A new endpoint."""

    url: TargetUrl
    events: Events


class WebhookUpdate(Input):
    """What to change about an endpoint; fields left out stay as they are."""

    url: TargetUrl | MISSING = MISSING
    events: Events | MISSING = MISSING
    is_active: bool | MISSING = Field(
        MISSING, description="`false` gives up what waits to be sent; `true` starts anew."
    )


class WebhookResponse(Output):
    """An endpoint, without what its messages are signed with."""

    id: UUID
    url: str = Field(examples=[URL_EXAMPLE])
    events: list[Event]
    is_active: bool = Field(description="False if you said so, it answered 410, or it failed for days.")
    created_at: Timestamp


class WebhookCreated(WebhookResponse):
    """An endpoint with a new secret."""

    secret: str = Field(
        description="Verifies signatures (Standard Webhooks). Shown this once.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    )


class WebhookParameters(PageParameters):
    """Which endpoints."""

    sort: Literal["created_at", "-created_at"] = "-created_at"


class AttemptResponse(Output):
    """One try to deliver a message."""

    started_at: Timestamp
    duration_ms: int = Field(examples=[84])
    status_code: int | None = Field(description="Null if there was no answer.", examples=[204])
    error: str | None = Field(description="Why there was no answer.", examples=["timeout"])
    response: str = Field(description="How the answer begins.", examples=["ok"])


class DeliveryResponse(Output):
    """A message for an endpoint, and what has come of it."""

    id: UUID
    event: Event
    event_id: UUID = Field(description="Sent as `webhook-id`; the same at every attempt.")
    status: DeliveryState
    next_attempt_at: Timestamp | None
    attempts: list[AttemptResponse] = Field(description="The newest 20, oldest first.")
    created_at: Timestamp


class DeliveryFilters(Parameters):
    """Which messages."""

    status: DeliveryState | MISSING = MISSING


class DeliveryParameters(DeliveryFilters, PageParameters):
    """Which messages, and which part of their list."""

    sort: Literal["created_at", "-created_at"] = "-created_at"
