"""Jobs are neither lost nor phantom, and their effects happen once, whoever is killed meanwhile."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from app.core import migrations
from tests.faults.conftest import Postgres
from tests.forked import Forked
from tests.processes import PATIENCE, ROOT, Service, environment, eventually
from tests.queue import errands, writer
from tests.queue.errands import EFFECTS
from tests.queue.support import WorkerProcess, enqueue_all, notes, statuses, until, worker
from tests.support import connect, make_settings

LISTENING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen%'
"""
SENSELESS = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts)
    VALUES ('default', 'errand.note', 'doing', -1000)
"""
SIGN_OF_LIFE = "SELECT min(last_heartbeat) FROM procrastinate_workers"
SOON = 10  # seconds; what a killed worker ran is running again by then, with heartbeats as short as here


@pytest.mark.parametrize(
    ("transactions", "kills"), [(200, 2), pytest.param(5000, 12, marks=pytest.mark.faults)]
)
async def test_jobs_are_neither_lost_nor_phantom_when_their_writer_is_killed(
    queue_url: str, jobs: asyncpg.Connection, transactions: int, kills: int
) -> None:
    """A fifth of the transactions is rolled back. Each writes a row and a job that names it."""
    await jobs.execute(writer.TABLE)

    async def written() -> int:
        return int(await jobs.fetchval("SELECT count(*) FROM orders"))

    for number in range(1, kills + 1):
        nowhere, command = Path(os.devnull), ["-m", "tests.queue.writer"]
        process = Forked(command, nowhere, nowhere, environment(queue_url), ROOT)
        enough = transactions * number // kills

        async def has_enough(enough: int = enough) -> bool:
            return await written() >= enough

        await patiently(has_enough)
        process.kill()
        await asyncio.to_thread(process.wait, PATIENCE)

    rows = {str(row["id"]) for row in await jobs.fetch("SELECT id FROM orders")}
    named = [row["name"] for row in await jobs.fetch("SELECT args->>'words' AS name FROM procrastinate_jobs")]
    assert len(rows) >= transactions
    assert sorted(named) == sorted(rows)
    await jobs.execute("DROP TABLE orders")


@pytest.mark.parametrize(("number", "every"), [(200, 1.5), pytest.param(10_000, 2, marks=pytest.mark.faults)])
async def test_every_job_runs_and_its_effect_happens_once_while_workers_are_killed(
    queue_url: str, jobs: asyncpg.Connection, number: int, every: float
) -> None:
    ids = await enqueue_all(queue_url, errands.NOTE_SLOWLY, *[{"words": str(n)} for n in range(number)])
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(queue_url)) for _ in range(3)]
        kills = 0
        while (await statuses(jobs)).get("succeeded") != number:
            await asyncio.sleep(every)
            if (await statuses(jobs)).get("todo", 0) == 0 and kills:
                continue
            victim = random.choice(workers)  # noqa: S311 - no secret
            await victim.is_up()
            victim.send(signal.SIGKILL)
            kills += 1
            workers.remove(victim)
            workers.append(stack.enter_context(worker(queue_url)))

    effects = Counter(row["job_id"] for row in await jobs.fetch("SELECT job_id FROM effects"))
    assert kills >= 1
    assert effects == Counter(ids)


async def test_the_jobs_of_a_killed_worker_run_again_within_seconds(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    await enqueue_all(queue_url, errands.SLOW, {"milliseconds": 60_000})
    with worker(queue_url) as killed:
        await until(lambda: notes(jobs), ["started"])
        with worker(queue_url) as other:
            await other.is_up()
            killed.send(signal.SIGKILL)
            started = time.monotonic()
            await until(lambda: notes(jobs), ["started", "started"])

    assert time.monotonic() - started < SOON


async def test_a_poison_job_dies_alone(queue_url: str, jobs: asyncpg.Connection) -> None:
    """It ends the process of each worker that takes it up; others fail, or are of a version to come."""
    [poison] = await enqueue_all(queue_url, errands.EXIT, {})
    await enqueue_all(queue_url, errands.UNKNOWN, {})
    await enqueue_all(queue_url, errands.FAIL, {})
    good = await enqueue_all(queue_url, errands.NOTE, *[{"words": "good"}] * 20)
    deaths = 0
    expected = {"failed": 2, "succeeded": len(good), "todo": 1}

    async def is_over() -> bool:
        return process.process.poll() is not None or await statuses(jobs) == expected

    while await statuses(jobs) != expected:
        with worker(queue_url) as process:
            await eventually(is_over)
            deaths += process.process.poll() == 1

    assert deaths == len(errands.QUICK) + 1
    assert await notes(jobs, poison) == ["attempt 1", "attempt 2", "attempt 3"]
    await jobs.execute("SELECT procrastinate_retry_job_v2($1, now(), NULL, NULL, NULL)", poison)
    with worker(queue_url) as process:
        assert await process.ended() == 1


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.faults)])
async def test_cron_ticks_once_with_three_workers(
    queue_url: str, jobs: asyncpg.Connection, seconds: int
) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(worker(queue_url, ERRANDS_TICK="yes"))

        async def has_ticked() -> bool:
            return len(set(await notes(jobs))) > seconds

        await patiently(has_ticked)

    ticks = [int(each) for each in await notes(jobs)]
    assert sorted(set(ticks)) == sorted(ticks)
    assert set(range(min(ticks), max(ticks) + 1)) == set(ticks)


@pytest.mark.parametrize("number", [12, pytest.param(100, marks=pytest.mark.faults)])
async def test_sigterm_finishes_what_runs_and_releases_the_rest_at_once(
    queue_url: str, jobs: asyncpg.Connection, number: int
) -> None:
    milliseconds = 3000 if number == 100 else 700
    await enqueue_all(queue_url, errands.SLOW, *[{"milliseconds": milliseconds}] * number)
    with worker(queue_url) as process:
        await until(lambda: notes(jobs), ["started"] * 4)
        process.send(signal.SIGTERM)
        assert await process.ended() == 0

    assert await notes(jobs) == ["started"] * 4 + ["finished"] * 4
    assert await statuses(jobs) == {"succeeded": 4, "todo": number - 4}


async def test_what_does_not_finish_in_time_is_released_and_run_by_others(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    await enqueue_all(queue_url, errands.SLOW, {"milliseconds": 60_000})
    with worker(queue_url, APP_WORKER_SHUTDOWN_TIMEOUT="0.3") as process:
        await until(lambda: notes(jobs), ["started"])
        assert await process.stop() == 0
    assert await statuses(jobs) == {"todo": 1}

    with worker(queue_url):
        await until(lambda: notes(jobs), ["started", "started"])


async def test_a_job_does_not_die_of_workers_that_had_to_stop(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    """It has one attempt; what a deployment interrupts is none."""
    [number] = await enqueue_all(queue_url, errands.ONE_CHANCE, {"milliseconds": 1500})
    for deployment in range(1, 4):
        with worker(queue_url, APP_WORKER_SHUTDOWN_TIMEOUT="0.1") as process:
            await until(lambda: notes(jobs), ["started"] * deployment)
            assert await process.stop() == 0
            [line] = process.logged(message="job", job_id=number)
            assert (line["outcome"], line["attempt"]) == ("released", 1)
    assert await statuses(jobs) == {"todo": 1}

    with worker(queue_url):
        await until(lambda: statuses(jobs), {"succeeded": 1})
    assert await notes(jobs) == ["started"] * 4 + ["finished"]


async def test_a_worker_that_finishes_its_last_jobs_keeps_them(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    """Its grace period may be longer than others wait for a sign of life."""
    await enqueue_all(queue_url, errands.SLOW, {"milliseconds": 3000})
    with worker(queue_url, ERRANDS_QUEUES="mail") as other:
        await other.is_up()
        with worker(queue_url, ERRANDS_QUEUES="default") as leaving:
            await until(lambda: notes(jobs), ["started"])
            assert await leaving.stop() == 0

        assert other.logged(message="job of a lost worker") == []
    assert await notes(jobs) == ["started", "finished"]


async def test_a_worker_that_cannot_take_back_a_job_still_says_that_it_lives(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    """Otherwise others would take its own. The number of attempts is none that could be."""
    await jobs.execute("DELETE FROM procrastinate_workers")
    await jobs.execute(SENSELESS)
    with worker(queue_url) as process:
        await until_logged(process, "no care taken")
        for _ in range(2):  # the first may be older
            last = await jobs.fetchval(SIGN_OF_LIFE)
            await eventually(lambda: lives_since(jobs, last))  # noqa: B023 - at once


async def lives_since(database: asyncpg.Connection, moment: datetime | None) -> bool:
    sign = await database.fetchval(SIGN_OF_LIFE)
    return sign is not None and (moment is None or sign > moment)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_worker_leaves_at_once_and_nothing_behind(
    queue_url: str, jobs: asyncpg.Connection, number: signal.Signals
) -> None:
    await jobs.execute("DELETE FROM procrastinate_workers")
    with worker(queue_url) as process:
        await until(lambda: jobs.fetchval(LISTENING), 4)

        assert await process.stop(number) == 0
        assert process.logged(level="error") == []

    assert await jobs.fetchval("SELECT count(*) FROM procrastinate_workers") == 0


@pytest.mark.parametrize("outages", [1, pytest.param(5, marks=pytest.mark.faults)])
async def test_a_worker_outlives_its_database_and_loses_no_job(postgres: Postgres, outages: int) -> None:
    database = await connect(postgres.url)
    await database.execute(
        f"TRUNCATE procrastinate_jobs CASCADE; DROP TABLE IF EXISTS effects, done; {EFFECTS}"
    )
    await database.close()
    ids: list[int] = []
    with worker(postgres.url) as process:
        for _ in range(outages):
            ids += await enqueue_all(postgres.url, errands.NOTE_SLOWLY, *[{"words": "x"}] * 40)
            await asyncio.sleep(0.3)  # some have run, some are running
            await asyncio.to_thread(postgres.stop)
            await asyncio.sleep(1)
            await asyncio.to_thread(postgres.start)
            recovered = time.monotonic()
            ids += await enqueue_all(postgres.url, errands.NOTE, {"words": "after"})
            database = await connect(postgres.url)
            await until(lambda: notes(database, ids[-1]), ["after"])  # noqa: B023 - at once
            assert time.monotonic() - recovered < SOON
            await until(lambda: statuses(database), {"succeeded": len(ids)})  # noqa: B023
            await database.close()
        assert process.process.poll() is None

    database = await connect(postgres.url)
    effects = Counter(row["job_id"] for row in await database.fetch("SELECT job_id FROM effects"))
    await database.close()
    assert effects == Counter(ids)


async def test_a_worker_starts_before_its_database(postgres: Postgres) -> None:
    await asyncio.to_thread(postgres.stop)
    with worker(postgres.url) as process:
        await until_logged(process, "queue unavailable")
        await asyncio.to_thread(postgres.start)
        await migrations.migrate(make_settings(postgres.url))
        database = await connect(postgres.url)
        await database.execute(
            f"TRUNCATE procrastinate_jobs CASCADE; DROP TABLE IF EXISTS effects, done; {EFFECTS}"
        )
        await enqueue_all(postgres.url, errands.NOTE, {"words": "at last"})
        await until(lambda: notes(database), ["at last"])
        await database.close()


async def patiently(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what takes its time on a busy machine."""
    async with asyncio.timeout(30 * PATIENCE):
        while not await condition():  # noqa: ASYNC110 - other processes change it
            await asyncio.sleep(0.1)


async def until_logged(process: WorkerProcess | Service, message: str) -> None:
    async def is_logged() -> bool:
        return bool(process.logged(message=message))

    await eventually(is_logged)
