"""What Prometheus reads: every request once, under a label from a short list, and gauges that come back."""

import os
import re
import signal
from collections.abc import AsyncIterator

import asyncpg
import pytest
from httpx2 import AsyncClient
from starlette.types import ASGIApp

from app.core.config import Settings
from app.main import create_app
from tests.processes import Service, eventually, serving, slow_request
from tests.support import Person, open_client, running

METRICS = "http://localhost/metrics"
Samples = dict[str, float]


async def scrape(client: AsyncClient) -> Samples:
    """Every series and its value."""
    lines = (await client.get(METRICS)).text.splitlines()
    return {name: float(value) for name, value in (x.rsplit(" ", 1) for x in lines if not x.startswith("#"))}


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[ASGIApp]:
    """An app of this test's own: others have counted nothing in it."""
    async with running(create_app(settings)) as service:
        yield service


async def test_requests_are_counted_and_timed_by_route_template_and_status(ada: Person) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    for path in (item["id"], item["id"], ada.id):
        await ada.client.get(f"/items/{path}")

    samples = await scrape(ada.client)

    labels = 'method="GET",route="/api/v1/items/{item_id}"'
    assert samples[f'http_requests_total{{{labels},status="200"}}'] == 2
    assert samples[f'http_requests_total{{{labels},status="404"}}'] == 1
    assert samples[f'http_request_duration_seconds_bucket{{le="+Inf",{labels}}}'] == 3
    assert samples[f"http_request_duration_seconds_sum{{{labels}}}"] > 0


async def test_what_clients_make_up_adds_no_series(anonymous: AsyncClient) -> None:
    for method in ("GET", "PROPFIND"):
        await anonymous.request(method, "/warm-up")
    before = (await scrape(anonymous)).keys() | (await scrape(anonymous)).keys()

    for number in range(5):
        await anonymous.get(f"/nowhere/{number}")
        await anonymous.request(f"METHOD{number}", "/nowhere")

    after = await scrape(anonymous)
    assert after.keys() == before
    assert after['http_requests_total{method="GET",route="(unmatched)",status="404"}'] == 6
    assert not re.search("nowhere|METHOD", " ".join(after))


async def test_the_pool_is_in_use_while_a_request_waits_for_the_database_and_free_after(
    service: ASGIApp, ada: Person, database: asyncpg.Connection
) -> None:
    async with open_client(service) as scraper, slow_request(ada, database) as request:
        meanwhile = await scrape(scraper)
    await request

    after = await scrape(ada.client)
    assert (meanwhile["db_pool_connections_in_use"], after["db_pool_connections_in_use"]) == (1, 0)
    assert (meanwhile["http_requests_in_flight"], after["http_requests_in_flight"]) == (2, 1)
    assert after["db_pool_connections"] >= 1


async def test_a_closed_pool_has_no_connections(settings: Settings) -> None:
    app = create_app(settings)
    for _ in range(2):  # the gauge is of the process: what one life leaves, the next one shows
        async with running(app) as service, open_client(service) as client:
            samples = await scrape(client)  # over a connection, as the queue is measured

            assert samples["db_pool_connections"] == 1


async def test_a_killed_worker_is_no_longer_counted(database_url: str) -> None:
    with serving(database_url, "--workers", "2") as server:
        await eventually(lambda: have_started(server, 2))
        killed, other = server.workers()
        os.kill(other, signal.SIGSTOP)  # so that the one to be killed holds a connection
        server.get("/health/ready")
        os.kill(other, signal.SIGCONT)
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: have_started(server, 3))

        metrics = server.get("/metrics").text

    assert "\ndb_pool_connections 1.0\n" in metrics  # of the process that answers this


async def have_started(server: Service, workers: int) -> bool:
    """Whether so many processes have come up since the server started."""
    return len(server.workers()) == workers


async def test_the_queue_is_measured_by_every_process_alike(
    anonymous: AsyncClient, database: asyncpg.Connection
) -> None:
    await database.execute("""
        SELECT procrastinate_defer_jobs_v1(ARRAY[
            ROW('mail', 'nothing', 0, NULL, NULL, '{}', NULL),
            ROW('mail', 'nothing', 1, NULL, NULL, '{}', NULL),
            ROW('default', 'nothing', 0, NULL, NULL, '{}', now() + interval '1 hour')
        ]::procrastinate_job_to_defer_v1[]);
        UPDATE procrastinate_events SET at = now() - interval '1 hour';
        UPDATE procrastinate_jobs SET status = 'failed' WHERE priority = 1
    """)

    samples = await scrape(anonymous)

    assert samples['queue_jobs{queue="mail",state="waiting"}'] == 1
    assert samples['queue_jobs{queue="mail",state="dead"}'] == 1
    assert samples['queue_jobs{queue="default",state="waiting"}'] == 1
    assert 3600 <= samples['queue_oldest_seconds{queue="mail"}'] < 3700
    assert samples['queue_oldest_seconds{queue="default"}'] == 0
    await database.execute("DELETE FROM procrastinate_jobs")
    assert (await scrape(anonymous))['queue_jobs{queue="mail",state="waiting"}'] == 0
