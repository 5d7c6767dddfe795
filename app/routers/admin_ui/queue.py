"""The queue: what workers have before them, and what nobody could do."""

from typing import Annotated

from fastapi import Path, Response

from app.core.problems import problems
from app.dependencies import QueueJobs
from app.dependencies.admin_ui import AdminVisit, AskedQueue
from app.routers.admin_ui.pages import Pages, go, show
from app.services.queue_service import QueueJobNotDead, QueueJobNotFound, QueueJobNotWaiting

router = Pages("/queue")
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
async def show_queue(visit: AdminVisit, queue: QueueJobs, asked: AskedQueue) -> Response:
    """Its rows, without what they carry."""
    return show(visit, "queue.html", rows=await queue.list_jobs(asked), limit=asked.limit)


@router.post("/{number}/retry", responses=problems(QueueJobNotFound, QueueJobNotDead))
async def retry_queued(number: Number, visit: AdminVisit, queue: QueueJobs) -> Response:
    """Give a dead one another attempt."""
    await queue.retry(visit.admin.id, number)
    return go("/queue", "retry")


@router.post("/{number}/cancel", responses=problems(QueueJobNotFound, QueueJobNotWaiting))
async def cancel_queued(number: Number, visit: AdminVisit, queue: QueueJobs) -> Response:
    """Take a waiting one out."""
    await queue.cancel(visit.admin.id, number)
    return go("/queue", "cancel")
