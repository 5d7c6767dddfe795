"""How handlers of jobs are declared, and what they get."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from procrastinate.jobs import Job
from pydantic import ConfigDict, validate_call

from app.core.config import Settings
from app.core.cursors import Cursors
from app.core.database import Database, Session, open_database
from app.core.job_metrics import JobMetrics
from app.core.mail import Mailer, create_mailer
from app.core.queue import Task
from app.core.vault import Vault
from app.core.webhooks.metrics import WebhookMetrics
from app.core.webhooks.sender import Sender, open_sender

Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Resources:
    """What a worker process opens once and every job shares."""

    settings: Settings
    database: Database
    cursors: Cursors
    vault: Vault
    mailer: Mailer
    sender: Sender
    metrics: JobMetrics
    webhook_metrics: WebhookMetrics


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """What jobs need, for the life of a worker."""
    metrics = JobMetrics.serve(settings)
    async with open_database(settings) as database, open_sender(settings.webhook) as sender:
        yield Resources(
            settings=settings,
            database=database,
            cursors=Cursors(settings),
            vault=Vault(settings),
            mailer=create_mailer(settings),
            sender=sender,
            metrics=metrics,
            webhook_metrics=WebhookMetrics.create(metrics.registry),
        )


class Work:  # no dataclass: Pydantic would look into one when it checks a handler's arguments
    """One attempt at a job. ``tick`` is the time a cron job stands for, in seconds since 1970."""

    def __init__(self, resources: Resources, task: Task, job: Job, tick: int | None) -> None:
        self.resources = resources
        self.job_id = job.id or 0
        self.attempt = job.attempts + 1
        self.is_last = self.attempt > len(task.delays)  # whether the job is dead if this attempt fails
        self.tick = tick

    def transaction(self) -> AbstractAsyncContextManager[Session]:
        """A short transaction; slow and outside work has its place between two of them."""
        return self.resources.database.transaction()


@dataclass(frozen=True)
class Tasks:
    """The handlers of a module, as an ``APIRouter`` has its routes."""

    handlers: dict[Task, Handler] = field(default_factory=dict)
    schedules: dict[Task, str] = field(default_factory=dict)

    def on(self, task: Task) -> Callable[[Handler], Handler]:
        """Run the decorated coroutine function for each job of the task, with the arguments it was given."""

        def register(handler: Handler) -> Handler:
            if not inspect.iscoroutinefunction(handler):
                raise TypeError(f"{task.name}: a handler is `async def`; blocking calls belong in a thread")
            # Arguments come back from JSON: what the signature calls a UUID becomes one again.
            check = validate_call(config=ConfigDict(arbitrary_types_allowed=True))
            self.handlers[task] = check(handler)
            return handler

        return register

    def cron(self, schedule: str, task: Task) -> Callable[[Handler], Handler]:
        """Run it at these times (five fields, or six with seconds last), UTC, once for all workers."""
        self.schedules[task] = schedule
        return self.on(task)


def merge(parts: Sequence[Tasks]) -> Tasks:
    """All handlers.

    Raises:
        ValueError: two have the same name.
    """
    handlers: dict[Task, Handler] = {}
    for each in parts:
        handlers |= each.handlers
    if len({task.name for task in handlers}) < sum(len(each.handlers) for each in parts):
        raise ValueError("two handlers are for the same task")
    schedules: dict[Task, Any] = {}
    for each in parts:
        schedules |= each.schedules
    return Tasks(handlers, schedules)
