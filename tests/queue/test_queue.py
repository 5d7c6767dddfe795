"""The queue: jobs are committed and rolled back with their transaction, and run by workers of their own."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from procrastinate.jobs import Job

from app.core.database import Database, open_database
from app.core.logging import request_id
from app.core.queue import Task, backoff, enqueue
from app.core.queue.connector import AsyncpgConnector
from app.core.queue.manager import Manager
from tests.queue import errands
from tests.queue.support import WorkerProcess, enqueue_all, notes, statuses, until
from tests.support import make_settings

pytestmark = pytest.mark.usefixtures("crew")
TWO_AT_A_TIME = "imports"


@pytest.fixture
async def database(queue_url: str) -> AsyncIterator[Database]:
    async with open_database(make_settings(queue_url)) as database:
        yield database


async def test_a_job_exists_if_and_only_if_its_transaction_commits(
    database: Database, jobs: asyncpg.Connection
) -> None:
    async with database.transaction() as session:
        await enqueue(session, errands.NOTE, words="kept")
        assert await statuses(jobs) == {}
    with pytest.raises(RuntimeError):
        await enqueue_and_fail(database)

    rows = await jobs.fetch("SELECT args FROM procrastinate_jobs")

    assert [json.loads(row["args"])["words"] for row in rows] == ["kept"]


async def enqueue_and_fail(database: Database) -> None:
    async with database.transaction() as session:
        await enqueue(session, errands.NOTE, words="taken back")
        raise RuntimeError


async def test_arguments_arrive_as_the_handler_declares_them(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    item_id = uuid4()
    await enqueue_all(queue_url, errands.TYPED, {"item_id": item_id, "number": 7, "word": None})
    await until(lambda: statuses(jobs), {"succeeded": 1})

    assert await notes(jobs) == [f"{item_id!r} 7 None"]


async def test_a_failing_job_is_dead_after_its_attempts_and_can_be_retried(
    queue_url: str, jobs: asyncpg.Connection, crew: WorkerProcess
) -> None:
    [number] = await enqueue_all(queue_url, errands.FAIL, {})
    await until(lambda: statuses(jobs), {"failed": 1})
    attempts = ["attempt 1", "attempt 2", "attempt 3 (last)"]
    assert await notes(jobs) == attempts

    await jobs.execute("SELECT procrastinate_retry_job_v2($1, now(), NULL, NULL, NULL)", number)
    await until(lambda: notes(jobs), [*attempts, "attempt 5 (last)"])

    assert "this errand always fails" in crew.logged(message="job failed", job_id=number)[0]["exception"]


async def test_a_job_that_fails_once_succeeds_the_second_time(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    await enqueue_all(queue_url, errands.FAIL_ONCE, {})
    await until(lambda: statuses(jobs), {"succeeded": 1})

    assert await notes(jobs) == ["attempt 1", "attempt 2"]


async def test_a_job_that_hangs_is_ended_at_its_timeout(queue_url: str, jobs: asyncpg.Connection) -> None:
    await enqueue_all(queue_url, errands.HANG, {})

    await until(lambda: statuses(jobs), {"failed": 1})


async def test_a_job_that_cancels_itself_fails_like_others(queue_url: str, jobs: asyncpg.Connection) -> None:
    """It is no job that had to stop: those are run again as if nothing had been."""
    await enqueue_all(queue_url, errands.CANCEL_ITSELF, {})
    await until(lambda: statuses(jobs), {"failed": 1})

    assert await notes(jobs) == ["attempt 1", "attempt 2", "attempt 3"]


async def test_a_job_of_an_unknown_task_is_left_alone(queue_url: str, jobs: asyncpg.Connection) -> None:
    await enqueue_all(queue_url, errands.UNKNOWN, {})
    await enqueue_all(queue_url, errands.NOTE, {"words": "after it"})
    await until(lambda: statuses(jobs), {"succeeded": 1, "todo": 1})

    row = await jobs.fetchrow("SELECT * FROM procrastinate_jobs WHERE task_name = $1", errands.UNKNOWN.name)
    assert (row["status"], row["attempts"]) == ("todo", 0)


async def test_higher_priorities_run_first(database: Database, jobs: asyncpg.Connection) -> None:
    async with database.transaction() as session:
        for words, priority in (("low", -1), ("high", 5), ("higher", 9), ("middle", 0)):
            await enqueue(session, errands.NOTE, priority=priority, lock="one at a time", words=words)
    await until(lambda: statuses(jobs), {"succeeded": 4})

    assert await notes(jobs) == ["higher", "high", "middle", "low"]


async def test_no_two_jobs_with_the_same_lock_run_at_once(queue_url: str, jobs: asyncpg.Connection) -> None:
    await enqueue_all(queue_url, errands.SLOW, *[{"milliseconds": 20}] * 6, lock="one")
    await until(lambda: statuses(jobs), {"succeeded": 6})

    assert await notes(jobs) == ["started", "finished"] * 6


async def test_a_job_that_waits_for_a_retry_does_not_hold_up_its_lock(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await enqueue_all(queue_url, errands.NOTE, {"words": "tomorrow"}, lock="one", at=tomorrow)
    await enqueue_all(queue_url, errands.NOTE, {"words": "today"}, lock="one")

    await until(lambda: notes(jobs), ["today"])


async def test_a_queue_runs_as_many_jobs_at_once_as_it_declares(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    await enqueue_all(queue_url, Task(errands.SLOW.name, queue=TWO_AT_A_TIME), *[{"milliseconds": 100}] * 5)
    await until(lambda: statuses(jobs), {"succeeded": 5})

    running = most = 0
    for each in await notes(jobs):
        running += 1 if each == "started" else -1
        most = max(most, running)
    assert most == 2


async def test_a_unique_job_is_not_enqueued_while_another_waits(
    database: Database, jobs: asyncpg.Connection
) -> None:
    async with database.transaction() as session:
        first = await enqueue(session, errands.UNKNOWN, unique="report", words="one")
        second = await enqueue(session, errands.UNKNOWN, unique="report", words="two")
        other = await enqueue(session, errands.UNKNOWN, unique="another", words="three")

    assert (first is None, second, other is None) == (False, None, False)
    assert await statuses(jobs) == {"todo": 2}


async def test_a_job_for_later_waits_for_its_time(queue_url: str, jobs: asyncpg.Connection) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1)
    await enqueue_all(queue_url, errands.NOTE, {"words": "later"}, at=soon)
    await enqueue_all(queue_url, errands.NOTE, {"words": "now"})
    await until(lambda: statuses(jobs), {"succeeded": 2})

    assert soon <= await jobs.fetchval("SELECT at FROM effects WHERE note = 'later'")


async def test_the_logs_of_a_job_carry_its_id_and_the_request_that_caused_it(
    database: Database, jobs: asyncpg.Connection, crew: WorkerProcess
) -> None:
    token = request_id.set("the-request")
    async with database.transaction() as session:
        number = await enqueue(session, errands.NOTE, words="hunter2")
    request_id.reset(token)
    await until(lambda: statuses(jobs), {"succeeded": 1})

    [line] = crew.logged(message="job", job_id=number)
    assert (line["request_id"], line["outcome"]) == ("the-request", "succeeded")
    assert (line["task"], line["queue"], line["attempt"]) == ("errand.note", "default", 1)
    assert "hunter2" not in crew.output.read_text()


def test_retries_back_off_and_scatter() -> None:
    task = Task("errand", delays=backoff(5, first=2, most=10))

    assert task.delays == (2, 4, 8, 10)
    samples = [task.delay(2) or 0 for _ in range(200)]
    assert 2 <= min(samples) < 3
    assert 5 < max(samples) <= 6
    assert task.delay(5) is None


async def test_a_worker_that_overslept_repeats_no_tick(queue_url: str, jobs: asyncpg.Connection) -> None:
    connector = AsyncpgConnector(make_settings(queue_url))
    manager = Manager(connector, {})

    async def tick(at: int) -> bool:
        job = Job(
            queue="nowhere",
            task_name="tick",
            lock=None,
            queueing_lock=None,
            task_kwargs={"timestamp": at},
        )
        return await manager.defer_periodic_job(job, "", at) is not None

    assert [await tick(at) for at in (1, 1, 2, 1, 3, 2)] == [True, False, True, False, True, False]
    await connector.close_async()
    assert await jobs.fetchval("SELECT count(*) FROM procrastinate_jobs") == 3
