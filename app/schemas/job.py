"""Jobs over the wire."""

from typing import Any, Literal
from uuid import UUID

from pydantic import MISSING, ConfigDict, Field, RootModel

from app.schemas.base import Output, Parameters, Timestamp
from app.schemas.page import PageParameters

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]
QueueStatus = Literal["todo", "doing", "succeeded", "failed", "cancelled", "aborted"]


class JobResponse(Output):
    """A job."""

    id: UUID
    kind: str = Field(examples=["items.import"])
    status: Status
    progress: float = Field(ge=0, le=1, examples=[0.25])
    result: dict[str, Any] | None = Field(
        description="What came of it; of an unfinished one, so far.",
        examples=[{"created": 2, "failed": 0, "errors": []}],
    )
    error: str | None = Field(
        description="Why it failed.", examples=["The job failed for a reason of ours; it can be retried."]
    )
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None


class JobParameters(PageParameters):
    """Which jobs."""

    sort: Literal["created_at", "-created_at"] = "-created_at"
    status: Status | MISSING = MISSING


class BatchResponse(Output):
    """A batch job that administrators may start."""

    name: str = Field(examples=["items.archive"])
    description: str = Field(examples=["Archive items that nobody has changed for long."])
    parameters: dict[str, Any] = Field(
        description="JSON Schema of what it takes.", examples=[{"type": "object", "properties": {}}]
    )


class BatchStart(RootModel[dict[str, Any]]):
    """The parameters of a batch job, by name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"older_than_days": 365}]})


class QueueJobResponse(Output):
    """A row of the queue."""

    id: int = Field(examples=[4711])
    task: str = Field(examples=["mail.verification"])
    queue: str = Field(examples=["mail"])
    status: QueueStatus = Field(description="`failed` ones are dead, until they are retried.")
    attempts: int = Field(examples=[1])
    priority: int = Field(examples=[0])
    scheduled_at: Timestamp | None
    enqueued_at: Timestamp | None
    arguments: dict[str, Any] = Field(
        description="Ids, and what is sealed.", examples=[{"user_id": "0198c0de-0000-7000-8000-000000000000"}]
    )


class QueueJobParameters(Parameters):
    """Which rows of the queue, the newest first."""

    status: QueueStatus | MISSING = MISSING
    queue: str | MISSING = Field(MISSING, description="Only jobs of this queue.")
    before: int | MISSING = Field(MISSING, ge=1, le=2**63 - 1, description="Only those with a smaller id.")
    limit: int = Field(50, ge=1, le=100)


class QueueJobList(Output):
    """Rows of the queue."""

    items: list[QueueJobResponse]
