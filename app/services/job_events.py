"""The end of a job, told to its owner's webhooks in the transaction that ends it."""

from app.core.database import Session
from app.models import Job
from app.schemas.job import JobResponse
from app.services.event_service import EventService


async def tell_if_finished(session: Session, job: Job) -> None:
    """Let the owner's webhooks know, if the job has ended."""
    if job.finished_at is not None:
        await session.flush()  # so that it is told as it is written
        await EventService(session).publish("job.finished", job.owner_id, [JobResponse.model_validate(job)])
