"""Jobs that somebody follows."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from app.core.queue import Task
from app.services.archive_service import archive_items
from app.services.import_run import ImportRun
from app.services.job_kinds import ARCHIVE_ITEMS, IMPORT_ITEMS
from app.services.job_run import JobRun, reconcile
from app.tasks.registry import Tasks, Work

tasks = Tasks()
RECONCILE = Task("jobs.reconcile")


async def follow(work: Work, job_id: UUID, run: Callable[[JobRun], Awaitable[None]]) -> None:
    """Run a job that has a row for its owner."""
    job = JobRun(work.resources.database, job_id)
    async with job.lifecycle(is_last=work.is_last):
        await run(job)


@tasks.on(IMPORT_ITEMS)
async def run_import(work: Work, job_id: UUID) -> None:
    """Read a file of items."""
    await follow(work, job_id, lambda run: ImportRun(run).work())


@tasks.on(ARCHIVE_ITEMS)
async def run_archive(work: Work, job_id: UUID) -> None:
    """Archive old items."""
    await follow(work, job_id, archive_items)


@tasks.cron("* * * * *", RECONCILE)
async def fail_lost_jobs(work: Work) -> None:
    """Tell owners of jobs that nobody will run any more."""
    async with work.transaction() as session:
        await reconcile(session)
