"""Cleaning up, by the clock."""

from datetime import timedelta

from app.core.queue import Task
from app.services.housekeeping_service import BATCH, HousekeepingService
from app.services.idempotency_service import IdempotencyService
from app.services.upload_service import UploadService
from app.tasks.registry import Tasks, Work

tasks = Tasks()
SWEEP_TOKENS = Task("housekeeping.tokens")
SWEEP_KEYS = Task("housekeeping.idempotency_keys")
SWEEP_JOBS = Task("housekeeping.jobs")
SWEEP_UPLOADS = Task("housekeeping.uploads")
KEYS = 10_000  # expired keys a run takes away; new ones take theirs away, too


@tasks.cron("*/10 * * * *", SWEEP_TOKENS)
async def sweep_tokens(work: Work) -> None:
    """Delete expired tokens."""
    async with work.transaction() as session:
        await HousekeepingService(session).sweep_tokens()


@tasks.cron("*/10 * * * *", SWEEP_KEYS)
async def sweep_keys(work: Work) -> None:
    """Delete expired answers to repeated requests."""
    async with work.transaction() as session:
        await IdempotencyService(session, work.resources.vault).sweep(KEYS)


@tasks.cron("20 * * * *", SWEEP_UPLOADS)
async def sweep_uploads(work: Work) -> None:
    """Delete files that nobody reads any more."""
    age = timedelta(days=work.resources.settings.worker.retention_days)
    await UploadService(work.resources.database).sweep(age)


@tasks.cron("15 * * * *", SWEEP_JOBS)
async def sweep_jobs(work: Work) -> None:
    """Delete old jobs, a batch a transaction."""
    age, gone = timedelta(days=work.resources.settings.worker.retention_days), BATCH
    while gone == BATCH:
        async with work.transaction() as session:
            gone = await HousekeepingService(session).sweep_jobs(age)
