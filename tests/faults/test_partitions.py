"""A database that falls silent: bytes are swallowed, no connection is closed. It hurts for seconds."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
from procrastinate.exceptions import ConnectorException

from app.core.queue.connector import AsyncpgConnector
from tests.faults.test_workers import SOON, until_logged
from tests.processes import PATIENCE, eventually, joined, serving
from tests.proxy import proxied
from tests.queue import errands
from tests.queue.support import ERRANDS, WorkerProcess, enqueue_all, notes, statuses, until, worker
from tests.support import make_settings

IMPATIENT = {"APP_DB_POOL_TIMEOUT": "0.5", "APP_DB_COMMAND_TIMEOUT": "1", "APP_DB_CONNECT_TIMEOUT": "0.5"}


async def test_what_a_cut_off_worker_ran_is_run_once_more_by_others_and_it_comes_back(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    number = 4  # all that it runs at once
    async with proxied(queue_url) as proxy:
        with worker(proxy.url, ERRANDS, **IMPATIENT) as cut_off:
            await enqueue_all(queue_url, errands.SLOW, *[{"milliseconds": 1500}] * number)
            await until(lambda: notes(jobs), ["started"] * number)
            with proxy.silence(), worker(queue_url) as other:
                await until(lambda: statuses(jobs), {"succeeded": number})
                assert await other.stop() == 0

            back = time.monotonic()
            await enqueue_all(queue_url, errands.NOTE, {"words": "later"})
            await until(lambda: statuses(jobs), {"succeeded": number + 1})
            assert time.monotonic() - back < SOON
            assert await cut_off.stop() == 0

    assert await notes(jobs) == ["started"] * number * 2 + ["finished"] * number + ["later"]


async def test_what_others_have_taken_up_meanwhile_is_left_to_them(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    """The cut-off worker is back while they run it, and wants to write down that its attempt has failed."""
    async with proxied(queue_url) as proxy:
        with worker(proxy.url, ERRANDS, **IMPATIENT) as cut_off:
            await enqueue_all(queue_url, errands.SLOW, {"milliseconds": 3000})
            await until(lambda: notes(jobs), ["started"])
            with worker(queue_url):
                with proxy.silence():
                    await until(lambda: notes(jobs), ["started"] * 2)
                    await until(lambda: failures(cut_off), 1)
                await until(lambda: statuses(jobs), {"succeeded": 1})

    assert await notes(jobs) == ["started", "started", "finished"]


async def failures(process: WorkerProcess) -> int:
    return len(process.logged(message="job", outcome="failed"))


async def test_after_an_outage_the_first_who_is_back_does_not_think_the_others_dead(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    async with proxied(queue_url) as first, proxied(queue_url) as second:
        with (
            worker(first.url, ERRANDS, **IMPATIENT, ERRANDS_QUEUES="mail") as early,
            worker(second.url, ERRANDS, **IMPATIENT) as busy,
        ):
            await early.is_up()
            await enqueue_all(queue_url, errands.SLOW, {"milliseconds": 6000})
            await until(lambda: notes(jobs), ["started"])
            with second.silence():
                with first.silence():
                    await until_logged(early, "queue unavailable")
                    await until_logged(busy, "queue unavailable")
                await asyncio.sleep(0.5)  # now early is back alone
            await until(lambda: statuses(jobs), {"succeeded": 1})

            assert early.logged(message="job of a lost worker") == []
    assert await notes(jobs) == ["started", "finished"]


async def test_a_worker_that_has_to_stop_does_not_wait_for_a_silent_database(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    async with proxied(queue_url) as proxy:
        with worker(proxy.url, ERRANDS, **IMPATIENT, APP_WORKER_SHUTDOWN_TIMEOUT="0.1") as process:
            await enqueue_all(queue_url, errands.SLOW, {"milliseconds": 60_000})
            await until(lambda: notes(jobs), ["started"])
            with proxy.silence():
                assert await process.stop() == 0

    with worker(queue_url):
        await until(lambda: notes(jobs), ["started"] * 2)


@pytest.mark.parametrize("times", [2, pytest.param(7, marks=pytest.mark.faults)])
async def test_how_a_job_ended_is_written_down_however_long_that_takes(
    queue_url: str, jobs: asyncpg.Connection, times: int
) -> None:
    """Nobody else would run it: its worker lives."""
    with worker(queue_url, ERRANDS, APP_DB_LOCK_TIMEOUT="0.1") as process:
        await enqueue_all(queue_url, errands.SLOW, {"milliseconds": 500})
        await until(lambda: notes(jobs), ["started"])
        async with jobs.transaction():
            await jobs.execute("SELECT FROM procrastinate_jobs FOR UPDATE")

            async def refused() -> bool:
                return len(process.logged(message="outcome not written")) >= times

            await eventually(refused)
        await until(lambda: statuses(jobs), {"succeeded": 1})

    assert await notes(jobs) == ["started", "finished"]


async def test_a_connection_that_was_given_up_is_lent_to_nobody(queue_url: str) -> None:
    async with proxied(queue_url) as proxy:
        settings = make_settings(proxy.url, db={"command_timeout": 1, "connect_timeout": 0.5})
        connector = AsyncpgConnector(settings)
        await connector.execute_query_async("SELECT 1")
        with proxy.silence(), pytest.raises(ConnectorException):
            await connector.execute_query_async("SELECT 1")

        assert await connector.execute_query_one_async("SELECT 1 AS one") == {"one": 1}
        await connector.close_async()


@pytest.mark.parametrize("fault", ["silence", "surprise"])
async def test_who_follows_a_job_hears_of_it_whatever_the_database_did_meanwhile(
    database: asyncpg.Connection, database_url: str, fault: str
) -> None:
    async with proxied(database_url) as proxy:
        with serving(proxy.url, **IMPATIENT) as service:
            async with service.client() as client, service.client() as other:
                ada = await joined(client, "Ada")
                csv = {"Content-Type": "text/csv"}
                job = (await client.post("/items/import", content=b"title\nLamp\n", headers=csv)).json()
                async with ada.client.stream("GET", f"/jobs/{job['id']}/events") as answer:
                    lines = answer.aiter_lines()
                    seen = [await next_state(lines)]
                    if fault == "silence":
                        with proxy.silence():
                            await until_logged(service, "database unavailable")
                    else:
                        await database.execute("ALTER TABLE jobs RENAME TO gone")
                        await until_logged(service, "jobs not looked at")
                        await database.execute("ALTER TABLE gone RENAME TO jobs")
                    other.headers = client.headers
                    await other.post(f"/jobs/{job['id']}/cancel")
                    seen.append(await asyncio.wait_for(next_state(lines), PATIENCE))

    assert seen == ["queued", "cancelled"]


async def next_state(lines: AsyncIterator[str]) -> str:
    async for line in lines:
        if line.startswith("data: "):
            return str(json.loads(line[6:])["status"])
    return "ended"
