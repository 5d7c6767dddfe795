"""More requests than can be answered: those that would wait too long are told so at once (G13, in short)."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest

from tests.processes import PATIENCE, PLAIN, Service, eventually, joined, serving, slow_request
from tests.support import Person, assert_problem

TOKEN = "a-token-for-the-scraper"
FRIEND = "https://friend.example.com"
STRANGER = "https://stranger.example.com"
OWN = {"content-type", "content-length", "date", "x-request-id"}  # headers of each answer
VERSION = b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
UPLOAD = b"POST /api/v1/items HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20000\r\n"
CLOSING = {
    "asked to close": VERSION[:-2] + b"Connection: close\r\n\r\n",
    "of old": b"GET /version HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "waiting for leave to go on": UPLOAD + b"Expect: 100-continue\r\n\r\n",
}
BURST = 100  # ten times the connections, and no more than a slow machine answers in time
HASTY, ASKED = 10, 50  # clients, and how often each asks again at once
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


@pytest.mark.parametrize("origin", [FRIEND, STRANGER, None])
async def test_a_refusal_has_the_headers_of_every_answer_and_browsers_may_read_it(
    ada: Person, database: asyncpg.Connection, origin: str | None
) -> None:
    browser = {"Origin": origin} if origin else {}
    async with crowd(ada, database) as admitted:
        refused = await ask(ada, "/version", **browser)
    await asyncio.gather(*admitted)
    usual = await ask(ada, "/version", **browser)

    assert (refused.status_code, usual.status_code) == (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.OK)
    assert refused.headers.get("access-control-allow-origin") == (origin if origin == FRIEND else None)
    shared = set(usual.headers) - OWN
    assert {name: refused.headers.get(name) for name in shared} == {
        name: usual.headers[name] for name in shared
    }


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


async def test_browsers_may_ask_whether_they_may_ask(ada: Person, database: asyncpg.Connection) -> None:
    url = str(ada.client.base_url.copy_with(path="/version"))
    async with crowd(ada, database):
        preflight = {"Origin": FRIEND, "Access-Control-Request-Method": "GET"}
        answer = await ada.client.options(url, headers=preflight)

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (HTTPStatus.OK, FRIEND)


async def test_a_connection_can_be_used_again_after_a_refusal_whatever_was_sent_over_it(
    server: Service, ada: Person, database: asyncpg.Connection
) -> None:
    async with crowd(ada, database), wire(server) as (reader, writer):
        writer.write(VERSION.replace(b"GET", b"HEAD"))
        first = await head_of(reader)
        writer.write(UPLOAD + b"\r\n" + b"a" * 10_000)
        second = await answer_of(reader)
        writer.write(b"a" * 10_000)
        writer.write(VERSION)
        third = await answer_of(reader)
        writer.write(VERSION.replace(b"/version", b"/health") + VERSION)
        last = await answer_of(reader)  # before that of a request that was sent with it

    assert {each[9:12] for each in (first, second, third)} == {b"503"}
    assert last[9:12] == b"200"


@pytest.mark.parametrize("sent", CLOSING.values(), ids=CLOSING)
async def test_a_connection_that_cannot_be_used_again_is_closed(
    server: Service, ada: Person, database: asyncpg.Connection, sent: bytes
) -> None:
    async with crowd(ada, database), wire(server) as (reader, writer):
        writer.write(sent)
        answer = await asyncio.wait_for(reader.read(), PATIENCE)

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"\r\nconnection: close\r\n" in answer


async def test_clients_that_ask_again_at_once_are_refused_a_thousand_times_a_second_together(
    server: Service, ada: Person, database: asyncpg.Connection
) -> None:
    async def insist() -> None:
        async with wire(server) as (reader, writer):
            for _ in range(ASKED):
                writer.write(VERSION)
                assert (await answer_of(reader))[9:12] == b"503"

    async with crowd(ada, database):
        started = time.monotonic()
        await asyncio.gather(*(insist() for _ in range(HASTY)))
        seconds = time.monotonic() - started

    assert seconds > 0.8 * HASTY * ASKED / 1000


async def test_many_requests_sent_together_are_not_all_answered_at_once(
    server: Service, ada: Person, database: asyncpg.Connection
) -> None:
    async with crowd(ada, database), wire(server) as (reader, writer):
        writer.write(VERSION * HASTY * ASKED)
        answers = await asyncio.wait_for(reader.read(), PATIENCE)
        await asyncio.sleep(0.1)  # longer than it would have rested

    assert 0 < answers.count(b"HTTP/1.1 503") < HASTY * ASKED
    assert server.logged(level="error") == []


async def test_who_leaves_while_nobody_listens_is_noticed_and_the_others_are_let_go_at_the_end(
    database_url: str, database: asyncpg.Connection
) -> None:
    with serving(database_url, **CROWDED | {"APP_HTTP_DRAIN": "3600"}) as server:
        async with server.client() as client:
            ada = await joined(client, "Ada")
            async with crowd(ada, database) as admitted, wire(server) as (reader, writer):
                async with wire(server) as (other, leaving):
                    for _ in range(ASKED):
                        leaving.write(VERSION)
                        await answer_of(other)
                server.process.send_signal(signal.SIGTERM)
                await eventually(lambda: said(server, "draining"))
                writer.write(VERSION)
                answer = await asyncio.wait_for(reader.read(), PATIENCE)
            await asyncio.gather(*admitted)

        assert await server.stop() == 0
        assert b"\r\nconnection: close\r\n" in answer
        assert server.logged(level="error") == []


async def said(server: Service, message: str) -> bool:
    return bool(server.logged(message=message))


async def test_a_burst_is_answered_whole_by_a_service_as_it_comes(
    database_url: str,
    database: asyncpg.Connection,  # noqa: ARG001 - cleans up
) -> None:
    with serving(database_url) as server:
        everybody = httpx2.Limits(max_connections=None)
        async with (
            server.client() as client,
            httpx2.AsyncClient(limits=everybody, timeout=PATIENCE, verify=PLAIN) as many,
        ):
            await joined(client, "Ada")
            many.base_url, many.headers = client.base_url, client.headers
            for _ in range(2):  # the second time it knows how fast it is
                answers = await asyncio.gather(*(many.get("/users/me") for _ in range(BURST)))
                assert {each.text for each in answers if each.status_code != HTTPStatus.OK} == set()


@asynccontextmanager
async def wire(server: Service) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, to write to it what no client would."""
    url = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    yield reader, writer
    writer.close()


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)


async def answer_of(reader: asyncio.StreamReader) -> bytes:
    """The next answer; an answer to HEAD has no body."""
    head = await head_of(reader)
    [length] = re.findall(rb"content-length: (\d+)", head)
    return head + await reader.readexactly(int(length))
