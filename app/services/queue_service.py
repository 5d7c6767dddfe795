"""The queue as operators see it."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.core.database import Database, DatabaseUnavailable
from app.core.metrics import Metrics
from app.core.queue import QUEUES

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


@dataclass(frozen=True)
class QueueService:
    """Looks at the queue."""

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
