"""The queue, for operators."""

from typing import Annotated, Any

from fastapi import Path

from app.core.problems import problems
from app.core.routing import Router
from app.dependencies import Admin, AdminOnly, QueueJobQuery, QueueJobs
from app.schemas.job import QueueJobList, QueueJobResponse
from app.services.queue_service import QueueJobNotDead, QueueJobNotFound, QueueJobNotWaiting

router = Router(prefix="/queue/jobs", tags=["queue"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("", response_model=QueueJobList, responses=problems(AdminOnly))
async def list_queue_jobs(_: Admin, queue: QueueJobs, query: QueueJobQuery) -> dict[str, Any]:
    """List the rows of the queue, the newest first; `before` an id for the next ones."""
    return {"items": await queue.list_jobs(query)}


@router.post(
    "/{number}/retry",
    response_model=QueueJobResponse,
    responses=problems(QueueJobNotFound, QueueJobNotDead, AdminOnly),
)
async def retry_queue_job(number: Number, admin: Admin, queue: QueueJobs) -> Any:  # noqa: ANN401 - a row
    """Give a dead job another attempt."""
    return await queue.retry(admin.id, number)


@router.post(
    "/{number}/cancel",
    response_model=QueueJobResponse,
    responses=problems(QueueJobNotFound, QueueJobNotWaiting, AdminOnly),
)
async def cancel_queue_job(number: Number, admin: Admin, queue: QueueJobs) -> Any:  # noqa: ANN401 - a row
    """Take a waiting job out of the queue."""
    return await queue.cancel(admin.id, number)
