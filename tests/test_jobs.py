"""Jobs that somebody follows: started, watched, cancelled, retried, over HTTP and by a worker at work."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response

from app.core.config import Settings
from app.main import create_app
from tests.processes import eventually, serving
from tests.queue.support import employed, settled
from tests.support import Person, assert_problem, open_client, running

ARCHIVE = {"older_than_days": 30}
OLD = "UPDATE items SET updated_at = now() - interval '40 days', status = 'active'"


async def start(admin: Person, parameters: dict[str, Any] | None = None) -> Response:
    return await admin.client.post("/batch-jobs/items.archive", json=parameters or ARCHIVE)


@pytest.fixture
async def at_work(settings: Settings) -> AsyncIterator[None]:
    async with employed(settings):
        yield


@pytest.mark.usefixtures("at_work")
async def test_a_batch_job_is_started_by_name_and_its_job_says_what_it_did(
    admin: Person, ada: Person, database: asyncpg.Connection
) -> None:
    await ada.client.post("/items/bulk", json={"items": [{"title": f"Lamp {n}"} for n in range(700)]})
    await database.execute(OLD)
    await ada.client.post("/items", json={"title": "New", "status": "active"})

    answer = await start(admin)
    await settled(database)

    assert (answer.status_code, answer.json()["status"], answer.json()["progress"]) == (202, "queued", 0)
    job = (await admin.client.get(f"http://localhost{answer.headers['location']}")).json()
    assert (job["kind"], job["status"], job["progress"]) == ("items.archive", "succeeded", 1)
    assert job["result"] == {"archived": 700, "found": 700}
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]
    assert (
        await database.fetchval("SELECT count(*) FROM items WHERE status = 'archived' AND version = 2") == 700
    )


async def test_batch_jobs_are_listed_with_what_they_take(admin: Person) -> None:
    listed = (await admin.client.get("/batch-jobs")).json()

    [archive] = [each for each in listed if each["name"] == "items.archive"]
    assert archive["parameters"]["properties"]["older_than_days"]["minimum"] == 1


@pytest.mark.parametrize(
    ("parameters", "pointer", "code"),
    [
        ({}, "/older_than_days", "missing"),
        ({"older_than_days": 0}, "/older_than_days", "greater_than_equal"),
        ({"older_than_days": "30"}, "/older_than_days", "int_type"),
        ({"older_than_days": 30, "everything": True}, "/everything", "extra_forbidden"),
        ({"older_than_days": 30, "a/b": True}, "/a~1b", "extra_forbidden"),
    ],
)
async def test_parameters_are_checked_before_anything_is_started(
    admin: Person, database: asyncpg.Connection, parameters: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await admin.client.post("/batch-jobs/items.archive", json=parameters)

    problem = assert_problem(answer, 422, "invalid-parameters")
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]
    assert await database.fetchval("SELECT count(*) FROM jobs") == 0


async def test_an_unknown_batch_job_is_not_found(admin: Person) -> None:
    assert_problem(await admin.client.post("/batch-jobs/items.explode", json={}), 404, "batch-not-found")


async def test_a_job_that_waits_is_cancelled_at_once_never_runs_and_can_be_retried(
    admin: Person, ada: Person, settings: Settings, database: asyncpg.Connection
) -> None:
    await ada.client.post("/items", json={"title": "Lamp"})
    await database.execute(OLD)
    place = f"/jobs/{(await start(admin)).json()['id']}"

    cancelled = await admin.client.post(f"{place}/cancel")
    again = await admin.client.post(f"{place}/cancel")
    async with employed(settings):
        await settled(database)
        untouched = await database.fetchval("SELECT status FROM items")
        retried = await admin.client.post(f"{place}/retry")
        await settled(database)

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert_problem(again, 409, "job-finished")
    assert untouched == "active"
    assert (retried.status_code, retried.json()["status"]) == (200, "queued")
    assert (await admin.client.get(place)).json()["status"] == "succeeded"
    assert_problem(await admin.client.post(f"{place}/retry"), 409, "job-not-retryable")


async def test_a_running_job_stops_at_its_next_step(
    admin: Person, settings: Settings, database: asyncpg.Connection
) -> None:
    place = f"/jobs/{(await start(admin)).json()['id']}"
    await database.execute("UPDATE jobs SET status = 'running', started_at = now()")  # by a lost worker

    answer = await admin.client.post(f"{place}/cancel")
    async with employed(settings):
        await settled(database)

    assert answer.json()["status"] == "running"
    job = (await admin.client.get(place)).json()
    assert (job["status"], job["finished_at"] is not None) == ("cancelled", True)


async def test_a_job_that_fails_for_a_reason_of_ours_says_no_more_than_that(
    admin: Person, database: asyncpg.Connection, settings: Settings
) -> None:
    job_id = (await start(admin)).json()["id"]
    await database.execute('UPDATE jobs SET parameters = \'{"older_than_days": "soon"}\'')
    await database.execute("UPDATE procrastinate_jobs SET attempts = 9")  # the next one is the last
    async with employed(settings):
        await settled(database)

    job = (await admin.client.get(f"/jobs/{job_id}")).json()
    assert (job["status"], job["error"]) == (
        "failed",
        "The job failed for a reason of ours; it can be retried.",
    )


async def test_jobs_are_listed_by_their_owner_and_all_by_administrators(
    admin: Person, ada: Person, bob: Person
) -> None:
    mine = await import_one(ada)
    his = await import_one(bob)

    listed = (await ada.client.get("/jobs", params={"status": "queued"})).json()["items"]

    assert [job["id"] for job in listed] == [mine]
    everything = (await admin.client.get("/jobs")).json()["items"]
    assert {job["id"] for job in everything} == {mine, his}
    assert_problem(await ada.client.get(f"/jobs/{his}"), 404, "job-not-found")


async def import_one(person: Person) -> str:
    answer = await person.client.post(
        "/items/import", content=b"title\nLamp\n", headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def events_of(text: str) -> list[dict[str, Any]]:
    """The data of each event of a stream."""
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


async def test_events_follow_a_job_over_another_replica_until_it_ends(
    ada: Person, settings: Settings, database: asyncpg.Connection
) -> None:
    job_id = await import_one(ada)
    async with running(create_app(settings)) as replica, open_client(replica) as client:
        client.headers = ada.client.headers
        following = asyncio.create_task(client.get(f"/jobs/{job_id}/events"))
        await asyncio.sleep(0.2)
        assert not following.done()
        async with employed(settings):
            await settled(database)
            answer = await asyncio.wait_for(following, 10)

    assert answer.headers["content-type"].startswith("text/event-stream")
    states = [job["status"] for job in events_of(answer.text)]
    assert (states[0], states[-1]) == ("queued", "succeeded")
    assert events_of(answer.text)[-1]["result"]["created"] == 1


async def test_many_followers_cost_one_query_and_leave_nothing_behind(database_url: str) -> None:
    with serving(database_url) as service:
        async with service.client() as client:
            registration = {"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}
            await client.post("/users", json=registration)
            form = {"username": "ada@example.com", "password": "correct horse battery"}
            token = (await client.post("/auth/token", data=form)).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            csv = {"Content-Type": "text/csv"}
            job = (await client.post("/items/import", content=b"title\nLamp\n", headers=csv)).json()
            place = f"/jobs/{job['id']}/events"

            head = await asyncio.wait_for(client.head(place), 10)
            async with service.client() as others:
                others.headers = client.headers
                followers = [asyncio.create_task(first_event(others, place)) for _ in range(30)]
                seen = await asyncio.wait_for(asyncio.gather(*followers), 20)

            async def nobody_is_left() -> bool:
                metrics = (await client.get(f"{service.url}/metrics")).text
                # the one that asks, and no connection of a follower
                return "\nhttp_requests_in_flight 1.0\n" in metrics and "_in_use 1.0\n" not in metrics

            await eventually(nobody_is_left)
            assert await service.stop() == 0

    assert (head.status_code, head.content) == (200, b"")
    assert [each["id"] for each in seen] == [job["id"]] * 30


async def first_event(client: AsyncClient, place: str) -> dict[str, Any]:
    """Read one event and leave."""
    async with client.stream("GET", place) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                event: dict[str, Any] = json.loads(line[6:])
                return event
    raise AssertionError("no event")


async def test_a_job_that_no_worker_will_run_any_more_is_told_to_have_failed(
    admin: Person, settings: Settings, database: asyncpg.Connection
) -> None:
    job_id = (await start(admin)).json()["id"]
    await database.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    await database.execute("""
        SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', 'jobs.reconcile', 0, NULL, NULL, '{}', NULL)
        ]::procrastinate_job_to_defer_v1[])
    """)
    async with employed(settings):
        await settled(database)

    job = (await admin.client.get(f"/jobs/{job_id}")).json()
    assert (job["status"], job["error"]) == (
        "failed",
        "The job failed for a reason of ours; it can be retried.",
    )


async def test_an_administrator_lists_retries_and_cancels_rows_of_the_queue(
    admin: Person, database: asyncpg.Connection
) -> None:
    await start(admin)
    [row] = (await admin.client.get("/queue/jobs", params={"queue": "imports"})).json()["items"]
    number = row["id"]
    assert (row["task"], row["status"], row["attempts"]) == ("items.archive", "todo", 0)
    assert_problem(await admin.client.post(f"/queue/jobs/{number}/retry"), 409, "queue-job-not-dead")

    await database.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    refused = await admin.client.post(f"/queue/jobs/{number}/cancel")
    await database.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    retried = await admin.client.post(f"/queue/jobs/{number}/retry")
    cancelled = await admin.client.post(f"/queue/jobs/{number}/cancel")

    assert_problem(refused, 409, "queue-job-not-waiting")
    assert (retried.json()["status"], cancelled.json()["status"]) == ("todo", "cancelled")
    assert_problem(await admin.client.post("/queue/jobs/999999/cancel"), 404, "queue-job-not-found")
