"""`python -m dev.queue_figures`: jobs per second, time until one starts, time to recover from faults.

It uses a database of its own, on the server of DATABASE_URL or the embedded one, and real worker processes.
"""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from app.core import migrations
from app.core.config import Settings
from app.core.database import open_database
from app.core.queue import Task, enqueue
from app.tasks.registry import Tasks, Work
from app.tasks.run import work
from dev.postgres import ENV, postgres
from dev.run import DATA, say

NOTHING = Task("figures.nothing")
SLEEP = Task("figures.sleep")
JOBS, SAMPLES = 3000, 200
WORKERS = (1, 2)
TIMES = """
    SELECT extract(epoch FROM min(at) FILTER (WHERE type = 'started'))::float AS started,
           extract(epoch FROM max(at) FILTER (WHERE type = 'succeeded'))::float AS finished,
           extract(epoch FROM min(at) FILTER (WHERE type = 'deferred'))::float AS enqueued
    FROM procrastinate_events
"""
STARTS = "SELECT count(*) FROM procrastinate_events WHERE type = 'started'"
DISCONNECT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> $1"
)
tasks = Tasks()


@tasks.on(NOTHING)
async def do_nothing(_: Work) -> None:
    """Cost nothing but the queue's own time."""


@tasks.on(SLEEP)
async def sleep(_: Work) -> None:
    """Be at work when something happens."""
    await asyncio.sleep(60)


@contextmanager
def workers(url: str, number: int, *command: str, **changes: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers of these tasks, or those of a command; killed at the end."""
    call = [sys.executable, "-m", *(command or ("dev.queue_figures", "work"))]
    env = os.environ | {ENV: url, "APP_LOG_LEVEL": "error"} | changes
    started = [subprocess.Popen(call, env=env) for _ in range(number)]  # noqa: S603 - ourselves
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


async def put(settings: Settings, task: Task, number: int = 1) -> None:
    """Enqueue jobs in one transaction."""
    async with open_database(settings) as database, database.transaction() as session:
        for _ in range(number):
            await enqueue(session, task)


async def until(database: asyncpg.Connection, query: str, expected: int) -> float:
    """How long it takes until a query says so."""
    started = time.perf_counter()
    while await database.fetchval(query) < expected:  # noqa: ASYNC110 - other processes change it
        await asyncio.sleep(0.01)
    return time.perf_counter() - started


async def measure(settings: Settings, url: str) -> None:
    """Print the figures."""
    database = await asyncpg.connect(url)
    done = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"
    for number in WORKERS:
        await database.execute("DELETE FROM procrastinate_jobs")
        await put(settings, NOTHING, JOBS)
        with workers(url, number):
            await until(database, done, JOBS)
        row = await database.fetchrow(TIMES)
        say(f"{JOBS / (row['finished'] - row['started']):8.0f} jobs/s with {number} worker(s)")
    with workers(url, 1):
        await latency(settings, database, done)
    await recovery(settings, url, database)
    await database.close()


async def latency(settings: Settings, database: asyncpg.Connection, done: str) -> None:
    """From the transaction's beginning to the worker's."""
    seconds = []
    for _ in range(SAMPLES):
        await database.execute("DELETE FROM procrastinate_jobs")
        await put(settings, NOTHING)
        await until(database, done, 1)
        row = await database.fetchrow(TIMES)
        seconds.append(row["started"] - row["enqueued"])
    ranks = statistics.quantiles(seconds[1:], n=100)
    say(f"{ranks[49] * 1000:8.1f} ms to start, p50; {ranks[98] * 1000:.1f} ms p99")


async def recovery(settings: Settings, url: str, database: asyncpg.Connection) -> None:
    """From a fault to the next start."""
    for name, number in (("SIGKILL", signal.SIGKILL), ("SIGTERM, grace over", signal.SIGTERM)):
        await database.execute("DELETE FROM procrastinate_jobs")
        await put(settings, SLEEP)
        with workers(url, 1) as [victim]:
            await until(database, STARTS, 1)
            with workers(url, 1):
                await asyncio.sleep(3)
                victim.send_signal(number)
                say(f"{await until(database, STARTS, 2):8.1f} s until others run the job: {name}")
    await database.execute("DELETE FROM procrastinate_jobs")
    with workers(url, 1):
        await put(settings, NOTHING)
        await until(database, STARTS, 1)
        await database.execute(DISCONNECT, database.get_server_pid())
        await put(settings, NOTHING)
        say(f"{await until(database, STARTS, 2):8.1f} s until the next start: every connection was cut")


def main() -> None:
    """Measure, or be one of the workers that are measured."""
    os.environ.setdefault("APP_ENVIRONMENT", "development")
    os.environ.setdefault("APP_WORKER_SHUTDOWN_TIMEOUT", "1")
    if sys.argv[1:] == ["work"]:
        asyncio.run(work(Settings(), tasks))
        return
    with own_database() as (settings, url):
        asyncio.run(measure(settings, url))


@contextmanager
def own_database() -> Iterator[tuple[Settings, str]]:
    """A migrated database for figures alone."""
    with postgres(DATA) as server:
        name = f"figures_{uuid4().hex[:12]}"
        url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        settings = Settings.model_validate({ENV: url})
        asyncio.run(administer(server, f'CREATE DATABASE "{name}"'))
        try:
            asyncio.run(migrations.migrate(settings))
            yield settings, url
        finally:
            asyncio.run(administer(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def administer(server: str, statement: str) -> None:
    """Run a statement on the server's own database."""
    connection = await asyncpg.connect(server)
    await connection.execute(statement)
    await connection.close()


if __name__ == "__main__":
    main()
