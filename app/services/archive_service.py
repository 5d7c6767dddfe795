"""A batch job: archive what nobody has changed for long."""

from datetime import timedelta

from sqlalchemy import func, select, update

from app.models import Item, JobStatus
from app.services.job_kinds import ArchiveParameters
from app.services.job_run import JobRun

BATCH = 500


async def archive_items(run: JobRun) -> None:
    """Archive a batch a step, the rows that somebody is changing last."""
    more = True
    while more:
        async with run.step() as (session, job):
            days = ArchiveParameters.model_validate(job.parameters).older_than_days
            old = (Item.status == "active", Item.updated_at < job.created_at - timedelta(days=days))
            result = job.result or {
                "archived": 0,
                "found": await session.scalar(select(func.count()).select_from(Item).where(*old)),
            }
            some = select(Item.id).where(*old).limit(BATCH).with_for_update(skip_locked=True)
            change = update(Item).where(Item.id.in_(some)).values(status="archived", version=Item.version + 1)
            archived = len((await session.execute(change.returning(Item.id))).all())
            job.result = result | {"archived": result["archived"] + archived}
            job.progress = min(job.result["archived"] / max(result["found"], 1), 1.0)
            more = archived == BATCH
            if not more:
                job.finish(JobStatus.SUCCEEDED)
