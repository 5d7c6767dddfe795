"""Where we know better than Procrastinate: which jobs to take, which to take back, and what to insist on."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any

from procrastinate import connector, exceptions, jobs
from procrastinate.manager import JobManager

from app.core.queue import Task

logger = logging.getLogger("app.queue")
INSISTENCE = (0.1, 0.5, 1, 2, 4, 5)  # seconds between attempts to write down how a job ended
# A job waits for those of its lock that run, or are due and come first. Of tasks that another version of the
# service knows, and this one does not, every job is left alone. Nobody waits until the disk has it: if the
# database crashes and forgets that a job was taken, it is taken again.
FETCH = """
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = %(worker_id)s
    WHERE id = (
        SELECT id FROM procrastinate_jobs AS job
        WHERE status = 'todo' AND queue_name = ANY(%(queues)s) AND task_name = ANY(%(tasks)s)
          AND (scheduled_at IS NULL OR scheduled_at <= now())
          AND (lock IS NULL OR NOT EXISTS (
              SELECT FROM procrastinate_jobs AS other
              WHERE other.lock = job.lock AND (other.status = 'doing' OR (
                  other.status = 'todo' AND (other.scheduled_at IS NULL OR other.scheduled_at <= now())
                  AND (other.priority, -other.id) > (job.priority, -job.id)
              ))
          ))
        ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts,
              worker_id, set_config('synchronous_commit', 'off', true)
"""
STALLED = """
    SELECT job.id, task_name, attempts, worker_id FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker ON worker.id = worker_id
    WHERE status = 'doing' AND task_name = ANY(%(tasks)s)
      AND (worker.id IS NULL OR last_heartbeat < now() - make_interval(secs => %(seconds)s))
    ORDER BY job.id LIMIT 500
"""
# A job as one worker runs it, decided under the row's lock: others may have taken it back if it was silent.
HELD = """
    (SELECT id FROM procrastinate_jobs WHERE id = %(id)s AND status = 'doing' AND attempts = %(attempts)s
     AND (worker_id IS NULL OR worker_id = %(worker_id)s) FOR UPDATE) AS held
"""
RETRY = f"SELECT procrastinate_retry_job_v2(id, %(at)s, NULL, NULL, NULL) FROM {HELD}"  # noqa: S608 - ours
BURY = f"SELECT procrastinate_finish_job_v1(id, 'failed', false) FROM {HELD}"  # noqa: S608 - ours
RELEASE = f"UPDATE procrastinate_jobs AS job SET status = 'todo' FROM {HELD} WHERE job.id = held.id"  # noqa: S608 - ours
AT_ONCE = datetime.min.replace(tzinfo=UTC)  # when to retry what was stopped: it uses up no attempt
LATER_TICK = """
    SELECT 1 FROM procrastinate_periodic_defers
    WHERE task_name = %(task_name)s AND periodic_id = %(periodic_id)s AND defer_timestamp > %(tick)s
"""


class Manager(JobManager):
    """Knows the tasks of this process."""

    def __init__(self, connector: connector.BaseConnector, tasks: Mapping[str, Task]) -> None:
        super().__init__(connector)
        self.stopping = asyncio.Event()
        self._tasks = tasks

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """Take the next job that this process can run."""
        try:
            rows = await self.connector.execute_query_all_async(
                FETCH, queues=list(queues or ()), worker_id=worker_id, tasks=list(self._tasks)
            )
        except exceptions.UniqueViolation:  # a job of the same lock was started at the same moment
            return None
        return jobs.Job.from_row(rows[0]) if rows else None

    async def finish_job(self, job: jobs.Job, status: jobs.Status, delete_job: bool) -> None:  # noqa: FBT001 - the library's own
        """Write down how a job ended."""
        await self._insist(super().finish_job, job=job, status=status, delete_job=delete_job)

    async def retry_job(self, job: jobs.Job, retry_at: datetime | None = None, *_: Any, **__: Any) -> None:  # noqa: ANN401
        """Write down that a job failed and is tried again, or was stopped; unless others have it by now."""
        held = {"id": job.id, "attempts": job.attempts, "worker_id": job.worker_id}
        if retry_at == AT_ONCE:
            await self._insist(self.connector.execute_query_async, RELEASE, **held)
        else:
            await self._insist(self.connector.execute_query_async, RETRY, **held, at=retry_at)

    async def defer_periodic_job(self, job: jobs.Job, periodic_id: str, defer_timestamp: int) -> int | None:
        """Enqueue a tick once. The table keeps the last one: whoever overslept must not repeat an older."""
        query = {"task_name": job.task_name, "periodic_id": periodic_id, "tick": defer_timestamp}
        if await self.connector.execute_query_all_async(LATER_TICK, **query):
            return None
        return await super().defer_periodic_job(job, periodic_id, defer_timestamp)

    async def rescue(self, seconds: float) -> None:
        """Take back the jobs of workers that have been silent for so long; a killed worker says nothing."""
        stalled = await self.connector.execute_query_all_async(
            STALLED, tasks=list(self._tasks), seconds=seconds
        )
        for job in stalled:
            held = {name: job[name] for name in ("id", "attempts", "worker_id")}
            delay = self._tasks[job["task_name"]].delay(job["attempts"] + 1)
            about = {"job_id": job["id"], "task": job["task_name"], "dead": delay is None}
            logger.warning("job of a lost worker", extra=about)
            if delay is None:
                await self.connector.execute_query_async(BURY, **held)
                continue
            at = datetime.now(UTC) + timedelta(seconds=delay)
            await self.connector.execute_query_async(RETRY, **held, at=at)
        await self.prune_stalled_workers(seconds)

    async def _insist(self, write: Any, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        """Try again while the database is away: others leave a job alone whose worker lives.

        Who has to stop gives up; others take the job back when they miss our signs of life.
        """
        for delay in chain(INSISTENCE, repeat(INSISTENCE[-1])):
            try:
                await write(*arguments, **options)
            except exceptions.ConnectorException as error:
                if getattr(error.__cause__, "sqlstate", None) == "P0001":  # it is no longer ours
                    return
                logger.warning("outcome not written", extra={"error": str(error)})
                if self.stopping.is_set():
                    return
                await asyncio.sleep(delay)
            else:
                return
