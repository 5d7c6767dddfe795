"""The service behind real servers: how it starts, logs, limits, and stops."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator

import asyncpg
import httpx2
import pytest

from app import __version__
from app.core.config import Settings
from app.main import create_app
from tests.processes import (
    DEVELOPMENT,
    PRODUCTION,
    Service,
    environment,
    eventually,
    free_port,
    joined,
    serving,
    serving_afresh,
    slow_request,
    started,
)
from tests.support import Person, assert_problem, make_settings, open_client, running

TOKEN = "a-token-for-the-scraper"
METRIC = re.compile(r'^http_requests_total\{method="GET",route="/version",status="200"\} (.+)$', re.MULTILINE)


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Service]:
    """One that most tests share."""
    with serving_afresh(database_url, APP_HTTP_TIMEOUT="1", APP_REVISION="3c75f25") as server:
        yield server


@pytest.fixture
async def ada(server: Service, database: asyncpg.Connection) -> AsyncIterator[Person]:  # noqa: ARG001 - cleans up
    async with server.client() as client:
        yield await joined(client, "Ada")


async def test_version_says_what_is_running(server: Service) -> None:
    answer = server.get("/version")

    assert answer.json() == {"version": __version__, "revision": "3c75f25"}


async def test_an_access_line_names_route_status_duration_request_and_user(
    ada: Person, server: Service
) -> None:
    await ada.client.get(f"/items/{ada.id}", headers={"X-Request-ID": "from-the-client"})

    async def is_logged() -> bool:  # once the last byte is sent, which the client may see first
        return bool(server.logged(request_id="from-the-client"))

    await eventually(is_logged)
    [line] = server.logged(request_id="from-the-client")
    assert line.pop("duration_ms") > 0
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "app.access",
        "message": "request",
        "method": "GET",
        "route": "/api/v1/items/{item_id}",
        "status": 404,
        "request_id": "from-the-client",
        "user_id": ada.id,
    }


async def test_a_request_beyond_its_deadline_is_503_and_changes_nothing(
    ada: Person, database: asyncpg.Connection
) -> None:
    async with slow_request(ada, database) as request:
        answer = await request

    assert_problem(answer, 503, "deadline-exceeded")
    assert int(answer.headers["retry-after"]) > 0
    assert (await ada.client.get("/items")).json()["items"][0]["title"] == "Lamp"


async def test_an_answer_that_has_begun_may_take_longer_than_the_deadline(ada: Person) -> None:
    csv = {"Content-Type": "text/csv"}
    job = (await ada.client.post("/items/import", content=b"title\nLamp\n", headers=csv)).json()
    seen = []

    async with ada.client.stream("GET", f"/jobs/{job['id']}/events") as answer:
        async for line in answer.aiter_lines():
            if not line.startswith("data: "):
                continue
            seen.append(json.loads(line[6:])["status"])
            if len(seen) == 1:
                await asyncio.sleep(1.5)  # nobody runs the job, and the deadline of a second passes
                assert (await ada.client.post(f"/jobs/{job['id']}/cancel")).status_code == 200

    assert (seen[0], seen[-1]) == ("queued", "cancelled")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_finishes_what_is_in_flight_and_exits_with_0(
    database: asyncpg.Connection, database_url: str, number: signal.Signals
) -> None:
    with serving(database_url) as server:
        async with server.client() as client:
            async with slow_request(await joined(client, "Ada"), database) as request:
                stopped = asyncio.create_task(server.stop(number))

                async def listens_no_more() -> bool:
                    return not await answers(server)

                await eventually(listens_no_more)
                assert not request.done()

            assert (await request).status_code == 200
            assert await stopped == 0


async def test_a_server_that_stops_refuses_readiness_and_closes_connections_before_it_leaves(
    database_url: str,
) -> None:
    with serving(database_url, APP_HTTP_DRAIN="1") as server:
        async with server.client() as client:
            before = await client.get(f"{server.url}/health/ready")
            stopped = asyncio.create_task(server.stop())
            refused = await first_refusal(server, client)
            served = await client.get("/items")
            assert await stopped == 0

    assert before.json()["checks"]["process"] == "ok"
    assert "connection" not in before.headers
    problem = assert_problem(refused, 503, "not-ready")
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [
        ("/checks/process", "stopping")
    ]
    assert (served.status_code, served.headers["connection"]) == (401, "close")


async def first_refusal(server: Service, client: httpx2.AsyncClient) -> httpx2.Response:
    while (answer := await client.get(f"{server.url}/health/ready")).is_success:
        pass
    return answer


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]])
async def test_whoever_insists_does_not_wait_for_clients_to_leave(
    database_url: str, signals: list[signal.Signals]
) -> None:
    with serving(database_url, APP_HTTP_DRAIN="3600") as server:
        for number in signals[:-1]:
            server.process.send_signal(number)
            await eventually(lambda: said(server, "draining"))

        assert await server.stop(signals[-1]) == 0


async def said(server: Service, message: str) -> bool:
    return bool(server.logged(message=message))


async def test_every_line_of_a_server_is_json_from_the_first_to_the_last(database_url: str) -> None:
    with serving_afresh(database_url) as server:
        server.get("/no%0Asuch%1B[31mplace")
        await server.stop()
        lines = server.logged()  # fails on a line that is no JSON object
        complaints = server.stderr.read_text()

    assert lines[0]["message"] == "listening"
    assert lines[-1]["message"].startswith("Finished server process")
    assert {"app.server", "uvicorn.error", "app.access"} == {line["logger"] for line in lines}
    assert complaints == ""


async def test_console_lines_are_for_people(database_url: str) -> None:
    with serving(database_url, APP_LOG_FORMAT="console") as server:
        server.get("/version")
        await server.stop()
        lines = server.stdout.read_text()

    line = r"^\d\d:\d\d:\d\d info    request method=GET route=/version status=200 duration_ms=[\d.]+ "
    assert re.search(line, lines, re.MULTILINE)


async def test_two_workers_serve_and_either_reports_the_requests_of_both(database_url: str) -> None:
    with serving_afresh(database_url, "--workers", "2") as server:

        async def both_run() -> bool:
            return len(server.workers()) == 2

        async def reports_all() -> bool:
            return METRIC.findall(server.get("/metrics").text) == ["6.0"]

        await eventually(both_run)
        for paused in server.workers():  # the other one has to answer
            os.kill(paused, signal.SIGSTOP)
            for _ in range(3):
                server.get("/version")
            os.kill(paused, signal.SIGCONT)

        await eventually(reports_all)  # one is counted when its last byte is sent, which we may see first
        for paused in server.workers():
            os.kill(paused, signal.SIGSTOP)
            await eventually(reports_all)
            os.kill(paused, signal.SIGCONT)
        assert await server.stop() == 0


async def test_hypercorn_serves_the_same_app(database: asyncpg.Connection, database_url: str) -> None:  # noqa: ARG001
    port = free_port()
    command = ["-m", "hypercorn", "--bind", f"127.0.0.1:{port}", "app.main:create_app()"]
    with started(command, port, environment(database_url, **DEVELOPMENT)) as server:
        async with server.client() as client:
            ada = await joined(client, "Ada")
            item = (await ada.client.post("/items", json={"title": "Lamp"})).json()

            assert (await ada.client.get(f"/items/{item['id']}")).json() == item
            assert_problem(await ada.client.get("/items?limit=0"), 422, "validation-failed")
            assert (await client.get(f"{server.url}/health/ready")).status_code == 200


async def test_production_is_https_only_and_shows_metrics_to_the_token_alone(database_url: str) -> None:
    with serving(database_url, **PRODUCTION, APP_METRICS_TOKEN=TOKEN) as server:
        nobody = server.get("/metrics")
        guesser = server.get("/metrics", headers={"Authorization": f"Bearer {TOKEN[:-1]}"})
        scraper = server.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert_problem(nobody, 401, "missing-token")
    assert_problem(guesser, 401, "missing-token")
    assert scraper.status_code == 200
    for answer in (nobody, guesser, scraper):
        assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


async def test_production_without_a_token_has_no_metrics(settings: Settings) -> None:
    secure = {"secret_key": PRODUCTION["APP_SECRET_KEY"], "http": {"allowed_hosts": "localhost"}}
    url = settings.database_url.get_secret_value()
    app = create_app(make_settings(url, environment="production", **secure))
    async with running(app) as service, open_client(service) as client:
        assert_problem(await client.get("http://localhost/metrics"), 404, "metrics-disabled")


async def answers(server: Service) -> bool:
    """Whether a new connection gets an answer."""
    try:
        async with server.client() as client:
            await client.get(f"{server.url}/health")
    except httpx2.TransportError:
        return False
    return True
