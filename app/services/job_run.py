"""A job in the hands of a worker: each step is a transaction that has the job's row to itself.

So a step and the progress that tells of it happen both or not at all, however often the job is run, and a
second worker that runs the same job, because the first seemed lost, does not repeat its steps.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from sqlalchemy import select, text

from app.core.database import Database, Session
from app.core.errors import DomainError
from app.models import Job, JobStatus
from app.services.job_events import tell_if_finished

logger = logging.getLogger("app.jobs")
FAILED = "The job failed for a reason of ours; it can be retried."
# Jobs whose row in the queue is dead, because every worker that took it up was lost, or has been cancelled.
RECONCILE = text("""
    UPDATE jobs SET status = 'failed', error = :error, finished_at = now(), updated_at = now()
    WHERE status IN ('queued', 'running') AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS row WHERE row.id = queue_id AND row.status IN ('todo', 'doing')
    ) RETURNING id
""")


class JobStopped(Exception):
    """The job is no longer to be run: it was cancelled, or has ended."""


async def reconcile(session: Session) -> None:
    """Fail the jobs that nobody will run any more."""
    for job_id in (await session.scalars(RECONCILE, {"error": FAILED})).all():
        if job := await session.get(Job, job_id):
            await tell_if_finished(session, job)


@dataclass(frozen=True)
class JobRun:
    """Runs one job."""

    database: Database
    job_id: UUID

    @asynccontextmanager
    async def step(self) -> AsyncIterator[tuple[Session, Job]]:
        """A transaction that no other step of this job runs beside.

        Raises:
            JobStopped: it was cancelled, or has ended.
        """
        async with self.database.transaction() as session:
            job = await session.scalar(select(Job).where(Job.id == self.job_id).with_for_update())
            if job is None or job.status not in {JobStatus.QUEUED, JobStatus.RUNNING}:
                raise JobStopped
            if job.cancel_requested:
                job.finish(JobStatus.CANCELLED)
                await tell_if_finished(session, job)
                await session.commit()
                raise JobStopped
            if job.status == JobStatus.QUEUED:
                job.status, job.started_at = JobStatus.RUNNING, job.started_at or datetime.now(UTC)
            yield session, job
            await tell_if_finished(session, job)

    @asynccontextmanager
    async def lifecycle(self, *, is_last: bool) -> AsyncIterator[None]:
        """Run the job to its end: failed if its last attempt raises; to be stopped is no error."""
        try:
            yield
        except JobStopped:
            logger.info("job stopped")
        except Exception as error:
            # What the business refuses is refused again: no second attempt. Of the rest nobody is told more.
            refused = isinstance(error, DomainError) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
            if refused or is_last:
                await self._fail(error.detail if isinstance(error, DomainError) and refused else FAILED)
            if not refused:
                raise

    async def _fail(self, reason: str) -> None:
        try:
            async with self.step() as (_, job):
                job.finish(JobStatus.FAILED)
                job.error = reason
        except JobStopped:
            pass
