"""The queue as operators see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import MISSING
from sqlalchemy import Row, text
from sqlalchemy.exc import ProgrammingError

from app.core.database import Database, DatabaseUnavailable, Session
from app.core.errors import Conflict, NotFound
from app.core.metrics import Metrics
from app.core.queue import QUEUES
from app.models import Action
from app.schemas.job import QueueJobParameters
from app.services.audit_service import AuditService

# An index leads past the jobs that ended well, which are the most by far. A job for later is due at its time,
# another since its creation, and the oldest of those is the one with the smallest id.
MEASURE = text("""
    SELECT queue_name, waiting, running, dead, coalesce(extract(epoch FROM now() - least(oldest_scheduled, (
        SELECT min(at) FROM procrastinate_events WHERE job_id = oldest_id
    ))), 0) AS age
    FROM (
        SELECT queue_name,
            count(*) FILTER (WHERE status = 'todo') AS waiting,
            count(*) FILTER (WHERE status = 'doing') AS running,
            count(*) FILTER (WHERE status = 'failed') AS dead,
            min(scheduled_at) FILTER (WHERE status = 'todo' AND scheduled_at <= now()) AS oldest_scheduled,
            min(id) FILTER (WHERE status = 'todo' AND scheduled_at IS NULL) AS oldest_id
        FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY queue_name
    ) AS unfinished
""")


COLUMNS = """
    id, task_name AS task, queue_name AS queue, status::text AS status, attempts, priority, scheduled_at,
    (SELECT min(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred') AS enqueued_at,
    args AS arguments
"""
LIST = text(f"""
    SELECT {COLUMNS} FROM procrastinate_jobs AS job
    WHERE (CAST(:status AS text) IS NULL OR status::text = :status)
      AND (CAST(:queue AS text) IS NULL OR queue_name = :queue)
      AND (CAST(:before AS bigint) IS NULL OR id < :before)
    ORDER BY id DESC LIMIT :limit
""")  # noqa: S608 - nothing of a client's
GET = text(f"SELECT {COLUMNS} FROM procrastinate_jobs AS job WHERE id = :id")  # noqa: S608
RETRY = text("""
    SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM procrastinate_jobs
    WHERE id = :id AND status = 'failed'
""")
CANCEL = text("SELECT procrastinate_cancel_job_v1(:id, false, false)")


class QueueJobNotFound(NotFound):
    """The queue has no such job, or no longer."""


class QueueJobNotDead(Conflict):
    """Only a dead job can be retried."""


class QueueJobNotWaiting(Conflict):
    """Only a job that waits can be taken out of the queue."""


@dataclass(frozen=True)
class QueueOperator:
    """Lists the rows of the queue, retries dead ones and takes waiting ones out."""

    session: Session
    audit: AuditService

    async def list_jobs(self, parameters: QueueJobParameters) -> Sequence[Row[Any]]:
        """Rows of the queue, the newest first."""
        values = {name: None if value is MISSING else value for name, value in parameters}
        return (await self.session.execute(LIST, values)).all()

    async def retry(self, actor: UUID | None, number: int) -> Row[Any]:
        """Give a dead job another attempt.

        Raises:
            QueueJobNotFound: there is none.
            QueueJobNotDead: it is not dead.
        """
        await self._get(number)
        if (await self.session.execute(RETRY, {"id": number})).one_or_none() is None:
            raise QueueJobNotDead("The job is not dead.")
        self.audit.record(Action.QUEUE_JOB_RETRIED, actor=actor, target=UUID(int=number))
        return await self._get(number)

    async def cancel(self, actor: UUID | None, number: int) -> Row[Any]:
        """Take a waiting job out of the queue.

        Raises:
            QueueJobNotFound: there is none.
            QueueJobNotWaiting: it is running, or has ended.
        """
        await self._get(number)
        if await self.session.scalar(CANCEL, {"id": number}) is None:
            raise QueueJobNotWaiting("The job is not waiting.")
        self.audit.record(Action.QUEUE_JOB_CANCELLED, actor=actor, target=UUID(int=number))
        return await self._get(number)

    async def _get(self, number: int) -> Row[Any]:
        if row := (await self.session.execute(GET, {"id": number})).one_or_none():
            return row
        raise QueueJobNotFound("The queue has no such job.")


@dataclass(frozen=True)
class QueueService:
    """Measures the queue."""

    database: Database

    async def measure(self, metrics: Metrics) -> None:
        """Set the gauges. Without a database, or its tables, they stay: the other metrics matter then."""
        try:
            async with self.database.transaction() as session:
                found = {row.queue_name: row for row in await session.execute(MEASURE)}
        except (DatabaseUnavailable, ProgrammingError):
            return
        for queue in QUEUES:
            row = found.get(queue)
            for state in ("waiting", "running", "dead"):
                metrics.queue_jobs.labels(queue, state).set(getattr(row, state, 0))
            metrics.queue_oldest.labels(queue).set(getattr(row, "age", 0))
