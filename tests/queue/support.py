"""Workers as processes of their own, and a look at their jobs."""

import asyncio
import json
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from app.core.config import Settings
from app.core.database import open_database
from app.core.queue import Task, enqueue
from app.tasks import TASKS
from app.tasks.run import open_worker
from tests.forked import Forked
from tests.processes import DEVELOPMENT, PATIENCE, ROOT, environment, eventually
from tests.support import make_settings

ERRANDS = ["-m", "tests.queue.errands"]
APP = ["-m", "app", "worker"]
# Killed workers are missed soon, so that tests need not wait.
EAGER = {"APP_WORKER_HEARTBEAT": "0.2", "APP_WORKER_POLL_INTERVAL": "0.1"}


class WorkerProcess:
    """A running worker."""

    def __init__(self, process: Forked, output: Path) -> None:
        self.process = process
        self.output = output

    def logged(self, **fields: object) -> list[dict[str, Any]]:
        """The JSON log lines that carry these fields."""
        records = [json.loads(line) for line in self.output.read_text().splitlines()]
        return [each for each in records if fields.items() <= each.items()]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Signal it and wait for its exit code."""
        self.send(number)
        return await self.ended()

    async def ended(self) -> int:
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    async def is_up(self) -> None:
        """Wait until it works."""

        async def working() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return bool(self.logged(message="working"))

        await eventually(working)


@contextmanager
def worker(url: str, command: list[str] = ERRANDS, **changes: str) -> Iterator[WorkerProcess]:
    """A worker of the test's tasks, or of the service's with ``APP``; killed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "output")
        env = environment(url, **DEVELOPMENT | EAGER | changes)
        output.touch()
        process = Forked(command, output, output, env, ROOT)
        try:
            yield WorkerProcess(process, output)
        finally:
            process.kill()
            process.wait()


@asynccontextmanager
async def employed(settings: Settings) -> AsyncIterator[None]:
    """A worker of the service in this process, while the block runs."""
    async with open_worker(settings, TASKS) as supervisor:
        running = asyncio.create_task(supervisor.run())
        try:
            yield
        finally:
            supervisor.stop()
            await running


async def settled(database: asyncpg.Connection) -> None:
    """Wait until every job is done."""
    unfinished = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
    await until(lambda: database.fetchval(unfinished), 0)


async def enqueue_all(url: str, task: Task, *each: dict[str, Any], **options: Any) -> list[int]:  # noqa: ANN401
    """Enqueue jobs in one transaction."""
    async with open_database(make_settings(url)) as database, database.transaction() as session:
        ids = [await enqueue(session, task, **options, **arguments) for arguments in each]
    return [number for number in ids if number is not None]


async def statuses(database: asyncpg.Connection) -> dict[str, int]:
    """How many jobs there are of each status."""
    rows = await database.fetch("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")
    return {row["status"]: row["count"] for row in rows}


async def notes(database: asyncpg.Connection, job_id: int | None = None) -> list[str]:
    """What was done, in order."""
    rows = await database.fetch(
        "SELECT note FROM effects WHERE $1::bigint IS NULL OR job_id = $1 ORDER BY id", job_id
    )
    return [row["note"] for row in rows]


async def until(condition: Callable[[], Awaitable[object]], expected: object) -> None:
    """Wait until it is as expected."""

    async def holds() -> bool:
        return await condition() == expected

    await eventually(holds)
