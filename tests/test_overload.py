"""More requests than can be answered: those that would wait too long are told so at once (G13, in short)."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import asyncpg
import httpx2
import pytest

from tests.processes import Service, eventually, joined, serving, slow_request
from tests.support import Person, assert_problem

TOKEN = "a-token-for-the-scraper"
FRIEND = "https://friend.example.com"
CROWD = 20
REFUSALS = 9
CROWDED = {
    "APP_DB_POOL_SIZE": "1",
    "APP_DB_POOL_TIMEOUT": "30",
    "APP_DB_POOL_PATIENCE": "0.1",
    "APP_DB_LOCK_TIMEOUT": "30",
    "APP_DB_STATEMENT_TIMEOUT": "30",
    "APP_HTTP_CORS_ORIGINS": FRIEND,
    "APP_METRICS_TOKEN": TOKEN,
}


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Service]:
    with serving(database_url, **CROWDED) as service:
        yield service


@pytest.fixture
async def ada(server: Service, database: asyncpg.Connection) -> AsyncIterator[Person]:  # noqa: ARG001 - cleans up
    async with server.client() as client:
        yield await joined(client, "Ada")


@asynccontextmanager
async def crowd(
    ada: Person, database: asyncpg.Connection
) -> AsyncIterator[list[asyncio.Task[httpx2.Response]]]:
    """One request holds the only connection, others wait for it, and newcomers are refused by now."""
    async with slow_request(ada, database) as first:
        waiting = [asyncio.create_task(ada.client.get("/users/me")) for _ in range(CROWD)]

        async def is_refusing() -> bool:
            return (await ask(ada, "/version")).status_code == HTTPStatus.SERVICE_UNAVAILABLE

        await eventually(is_refusing)
        yield [first, *(each for each in waiting if not each.done())]


async def ask(person: Person, path: str, **headers: str) -> httpx2.Response:
    """What needs no account, and no database."""
    url = str(person.client.base_url.copy_with(path=path))
    return await person.client.get(url, headers=headers)


async def test_newcomers_are_told_at_once_and_those_who_wait_are_answered(
    ada: Person, database: asyncpg.Connection
) -> None:
    async with crowd(ada, database) as admitted:
        refused = await ada.client.post("/items", json={"title": "Desk"})
        assert not any(each.done() for each in admitted)

    assert_problem(refused, 503, "overloaded")
    assert int(refused.headers["retry-after"]) > 0
    assert {(await each).status_code for each in admitted} == {200}
    assert [item["title"] for item in (await ada.client.get("/items")).json()["items"]] == ["Chair"]


async def test_a_refusal_has_the_headers_of_every_answer_and_browsers_may_read_it(
    ada: Person, database: asyncpg.Connection
) -> None:
    async with crowd(ada, database) as admitted:
        refused = await ask(ada, "/version", Origin=FRIEND)
    await asyncio.gather(*admitted)
    usual = await ask(ada, "/version", Origin=FRIEND)

    assert (refused.status_code, usual.status_code) == (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.OK)
    assert refused.headers["access-control-allow-origin"] == FRIEND
    assert set(usual.headers) <= set(refused.headers)


async def test_probes_are_answered_and_refusals_counted(
    server: Service, ada: Person, database: asyncpg.Connection
) -> None:
    async with crowd(ada, database):
        health = await ask(ada, "/health")
        for _ in range(REFUSALS):
            assert_problem(await ask(ada, "/version"), 503, "overloaded")

    metrics = await ask(ada, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert health.status_code == HTTPStatus.OK
    [count] = re.findall(r"^http_requests_shed_total (.+)$", metrics.text, re.MULTILINE)
    assert float(count) > REFUSALS
    assert 0 < len(server.logged(logger="app.overload")) < REFUSALS
