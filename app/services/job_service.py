"""Jobs as their owners see them: started, listed, cancelled, retried."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam

from app.core.database import Session
from app.core.errors import Conflict, NotFound
from app.core.queue import Task, enqueue
from app.models import Action, Job, JobStatus, Role, User
from app.schemas.job import JobParameters
from app.services.audit_service import AuditService
from app.services.job_events import tell_if_finished
from app.services.job_kinds import KINDS
from app.services.paging import Listing, Pager, Slice

JOBS = Listing(
    Job, {"owner_id": Job.owner_id == bindparam("owner_id"), "status": Job.status == bindparam("status")}
)


class JobNotFound(NotFound):
    """There is no such job, or it is somebody else's."""


class JobFinished(Conflict):
    """The job has ended; there is nothing to cancel."""


class JobNotRetryable(Conflict):
    """Only a job that has failed or was cancelled can be started again."""


@dataclass(frozen=True)
class JobService:
    """Keeps the jobs that a caller may see: owners their own, administrators all."""

    session: Session
    pager: Pager
    audit: AuditService

    async def start(self, owner: User, kind: Task, parameters: dict[str, Any]) -> Job:
        """Order a job, in the caller's transaction."""
        job = Job(owner_id=owner.id, kind=kind.name, parameters=parameters)
        self.session.add(job)
        await self.session.flush()  # the queue names the job's id
        job.queue_id = await enqueue(self.session, kind, job_id=job.id)
        await self.session.flush()  # the answer carries the job as it is
        self.audit.record(Action.JOB_STARTED, actor=owner.id, target=job.id)
        return job

    async def get(self, caller: User, job_id: UUID, *, lock: bool = False) -> Job:
        """Find a job.

        Raises:
            JobNotFound: there is none, or it is somebody else's.
        """
        visible = visible_to(caller)
        query = JOBS.select(visible).where(Job.id == job_id)
        if job := await self.session.scalar(query.with_for_update() if lock else query, visible):
            return job
        raise JobNotFound("You have no such job.")

    async def page(self, caller: User, parameters: JobParameters) -> Slice[Job]:
        """List jobs."""
        return await self.pager.read(JOBS, parameters, **visible_to(caller))

    async def cancel(self, caller: User, job_id: UUID) -> Job:
        """Stop a job: at once if it waits, at its next step if it runs. What it has done stays.

        Raises:
            JobNotFound: there is none, or it is somebody else's.
            JobFinished: it has ended.
        """
        job = await self.get(caller, job_id, lock=True)
        if job.finished_at is not None:
            raise JobFinished("The job has ended.")
        job.cancel_requested = True
        if job.status == JobStatus.QUEUED:
            job.finish(JobStatus.CANCELLED)
        await self.session.flush()  # the answer carries the new state
        await tell_if_finished(self.session, job)
        self.audit.record(Action.JOB_CANCELLED, actor=caller.id, target=job.id)
        return job

    async def retry(self, caller: User, job_id: UUID) -> Job:
        """Start a job again, from where it stopped.

        Raises:
            JobNotFound: there is none, or it is somebody else's.
            JobNotRetryable: it has not failed, nor was it cancelled.
        """
        job = await self.get(caller, job_id, lock=True)
        if job.status not in {JobStatus.FAILED, JobStatus.CANCELLED}:
            raise JobNotRetryable("Only a job that failed or was cancelled can be retried.")
        job.status, job.error, job.finished_at = JobStatus.QUEUED, None, None
        job.cancel_requested = False
        job.queue_id = await enqueue(self.session, KINDS[job.kind], job_id=job.id)
        await self.session.flush()  # the answer carries the new state
        self.audit.record(Action.JOB_RETRIED, actor=caller.id, target=job.id)
        return job


def visible_to(caller: User) -> dict[str, UUID]:
    """Somebody else's job is not found because no query ever finds it."""
    return {} if caller.role == Role.ADMIN else {"owner_id": caller.id}
