"""A worker for our tasks: what surrounds each attempt at a job."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job
from procrastinate.utils import utcnow

from app.core.config import Settings
from app.core.job_metrics import JobMetrics
from app.core.logging import job_id, request_id
from app.core.queue import QUEUES, REQUEST_ID, Task
from app.core.queue.connector import AsyncpgConnector
from app.core.queue.manager import AT_ONCE, Manager
from app.core.queue.worker import Supervisor, stopped_by_signals
from app.tasks.registry import Handler, Resources, Tasks, Work, open_resources

logger = logging.getLogger("app.jobs")


class CancelledByItself(Exception):
    """A handler waited for something that was cancelled, which is a failure; the worker goes on."""


@dataclass(frozen=True)
class Retry(BaseRetryStrategy):
    """Tries again as the task says; at once, and as if nothing had been, if the worker had to stop."""

    task: Task

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again, if at all."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=AT_ONCE)
        delay = self.task.delay(job.attempts + 1)
        return None if delay is None else RetryDecision(retry_at=utcnow() + timedelta(seconds=delay))


async def work(settings: Settings, tasks: Tasks, queues: Mapping[str, int] = QUEUES) -> None:
    """Run jobs until SIGTERM or SIGINT."""
    async with open_worker(settings, tasks, queues) as supervisor, stopped_by_signals(supervisor):
        logger.info("working", extra={"queues": dict(queues)})
        await supervisor.run()
    logger.info("stopped")


@asynccontextmanager
async def open_worker(
    settings: Settings, tasks: Tasks, queues: Mapping[str, int] = QUEUES
) -> AsyncIterator[Supervisor]:
    """What runs jobs, with all that they need."""
    connector = AsyncpgConnector(settings)
    app = App(connector=connector)
    app.job_manager = manager = Manager(connector, {task.name: task for task in tasks.handlers})
    async with open_resources(settings) as resources, app.open_async():
        for task, handler in tasks.handlers.items():
            declare(app, task, handler, resources, tasks.schedules.get(task))
        yield Supervisor(
            app=app,
            manager=manager,
            settings=settings.worker,
            queues=queues,
            middleware=observe(resources.metrics),
            listen=not settings.db.pgbouncer,
        )


def declare(app: App, task: Task, handler: Handler, resources: Resources, schedule: str | None) -> None:
    """Make a task known to Procrastinate."""

    async def run(context: JobContext, /, **arguments: Any) -> None:  # noqa: ANN401 - the handler checks them
        arguments.pop(REQUEST_ID, None)
        work = Work(resources, task, context.job, arguments.pop("timestamp", None))
        try:
            async with asyncio.timeout(task.timeout):
                await handler(work, **arguments)
        except asyncio.CancelledError as error:
            if is_stopped():
                raise
            raise CancelledByItself from error

    declared = app.task(
        name=task.name, queue=task.queue, priority=task.priority, retry=Retry(task), pass_context=True
    )(run)
    if schedule:
        app.periodic(cron=schedule)(declared)  # type: ignore[arg-type]  # `timestamp` is one of the arguments


def is_stopped() -> bool:
    """Whether the worker has cancelled this attempt."""
    attempt = asyncio.current_task()
    return attempt is not None and attempt.cancelling() > 0


def observe(metrics: JobMetrics) -> Callable[..., Awaitable[Any]]:
    """Names, logs and counts every attempt."""

    async def observed(call: Callable[[], Awaitable[Any]], context: JobContext, _: object) -> None:
        job, outcome, started = context.job, "succeeded", time.perf_counter()
        job_id.set(job.id)  # each attempt is an asyncio task of its own, and so is its context
        request_id.set(cast("str | None", job.task_kwargs.get(REQUEST_ID)))
        try:
            await call()
        except asyncio.CancelledError:
            outcome = "released"
            raise
        except Exception as error:
            outcome = "failed"
            logger.warning("job failed", exc_info=error)
            raise
        finally:
            seconds = time.perf_counter() - started
            metrics.record(job.task_name, outcome, seconds)
            about = {"task": job.task_name, "queue": job.queue, "attempt": job.attempts + 1}
            logger.info("job", extra={**about, "outcome": outcome, "duration_ms": round(seconds * 1000, 2)})

    return observed
