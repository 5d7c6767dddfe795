"""The queue: jobs are rows, written by the transaction that needs them and run by workers anywhere.

``await enqueue(self.session, SEND_RECEIPT, order_id=order.id)``: a rollback takes the job back.
"""

import json
import random
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text, bindparam, text
from sqlalchemy.exc import IntegrityError

from app.core.database import Session, violated_constraint
from app.core.logging import request_id

# Each queue, and how many of its jobs one worker process runs at a time.
QUEUES = {"default": 4, "mail": 4, "webhooks": 50, "imports": 2}
REQUEST_ID = "request_id"  # the argument that names the request a job comes from
UNIQUE = "procrastinate_jobs_queueing_lock_idx_v1"
JITTER = 0.5  # how far a delay may be from what it says, so that retries do not come all at once
_ENQUEUE = text("""
    SELECT (procrastinate_defer_jobs_v1(ARRAY[
        ROW(:queue, :name, :priority, :lock, :unique, CAST(:arguments AS jsonb), :at)
    ]::procrastinate_job_to_defer_v1[]))[1]
""").bindparams(
    bindparam("priority", type_=Integer),
    bindparam("lock", type_=Text),
    bindparam("unique", type_=Text),
    bindparam("arguments", type_=Text),
    bindparam("at", type_=DateTime(timezone=True)),
)


def backoff(attempts: int, first: float = 2, most: float = 3600) -> tuple[float, ...]:
    """The seconds between so many attempts, doubled each time."""
    return tuple(min(first * 2**number, most) for number in range(attempts - 1))


@dataclass(frozen=True)
class Task:
    """A kind of job. Its handler is in ``app/tasks``, found by the name, which must never change."""

    name: str
    queue: str = "default"
    priority: int = 0  # among the jobs of its queue; higher ones first
    delays: tuple[float, ...] = backoff(10)  # seconds after each failed attempt; then the job is dead
    timeout: float = 300  # seconds an attempt may take

    def delay(self, attempts: int) -> float | None:
        """Seconds until the next attempt after so many; ``None`` when the last one has failed."""
        if attempts > len(self.delays):
            return None
        return self.delays[attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret


async def enqueue(  # noqa: PLR0913 - options of one call
    session: Session,
    task: Task,
    *,
    at: datetime | None = None,
    unique: str | None = None,
    lock: str | None = None,
    priority: int | None = None,
    **arguments: UUID | str | int | None,
) -> int | None:
    """Write a job with the caller's transaction: it exists if, and only if, the transaction commits.

    Arguments are ids: whoever reads the queue reads them, so neither secrets nor personal data. ``at`` is the
    earliest time. While a job with the same ``unique`` waits, nothing is written and ``None`` returned. Two
    jobs with the same ``lock`` never run at the same time.
    """
    values = {
        "queue": task.queue,
        "name": task.name,
        "priority": task.priority if priority is None else priority,
        "lock": lock,
        "unique": unique,
        "arguments": json.dumps(arguments | {REQUEST_ID: request_id.get()}, default=str),
        "at": at,
    }
    if unique is None:
        return await _write(session, values)
    try:
        async with session.begin_nested():
            return await _write(session, values)
    except IntegrityError as error:
        if violated_constraint(error) != UNIQUE:
            raise
        return None


async def _write(session: Session, values: dict[str, object]) -> int | None:
    job_id: int | None = await session.scalar(_ENQUEUE, values)
    return job_id
