"""Exports: complete or visibly not, of the caller's own rows, and no burden while a client reads."""

import asyncio
import csv
import io
import json
import socket
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest

from tests.processes import Service, eventually, joined, serving
from tests.support import Person, assert_problem

ADD = """
    INSERT INTO items (id, owner_id, title, description)
    SELECT gen_random_uuid(), $1, 'Lamp ' || n, repeat('x', 1000) FROM generate_series(1, $2) n
"""
ROWS = 10_000
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1+1", "''-1", "\uff1d1", "'tis", "a=b"]


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


async def test_both_formats_hold_what_the_list_shows_and_only_the_callers_own(
    ada: Person, bob: Person, admin: Person
) -> None:
    odd = {"title": 'a "b", c', "description": "two\r\nlines; ä", "tags": ["x,y", '"'], "status": "active"}
    for item in (odd, {"title": "Lamp", "price_minor": 0, "currency": "EUR"}):
        await ada.client.post("/items", json=item)
    await bob.client.post("/items", json={"title": "Lamp of Bob"})
    listed = (await ada.client.get("/items", params={"sort": "created_at"})).json()["items"]

    as_csv = await ada.client.get("/items/export")
    as_lines = await ada.client.get("/items/export", params={"format": "jsonl"})
    found = await ada.client.get("/items/export", params={"format": "jsonl", "q": "lamp"})
    all_lines = await admin.client.get("/items/export", params={"format": "jsonl"})

    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_csv.headers["content-disposition"] == 'attachment; filename="items.csv"'
    assert as_lines.headers["content-type"] == "application/jsonl"
    assert [json.loads(line) for line in as_lines.text.splitlines()] == listed
    assert [json.loads(line)["title"] for line in found.text.splitlines()] == ["Lamp"]
    assert len(all_lines.text.splitlines()) == 3
    texts = [
        {name: json.dumps(value) if isinstance(value, list) else str(value if value is not None else "")
         for name, value in item.items()}
        for item in listed
    ]  # fmt: skip
    assert read_csv(as_csv.text) == texts
    assert as_csv.text.count("\r\n") == 3 + 1  # and one within the description


async def test_no_cell_of_a_csv_is_a_formula_and_the_apostrophe_can_be_taken_away(ada: Person) -> None:
    await ada.client.post("/items/bulk", json={"items": [{"title": title} for title in FORMULAS]})

    cells = [row["title"] for row in read_csv((await ada.client.get("/items/export")).text)]

    assert [cell for cell in cells if cell[0] in "=+-@\uff1d"] == []
    assert cells == [f"'{title}" if title not in {"'tis", "a=b"} else title for title in FORMULAS]


@pytest.mark.parametrize("query", [{"format": "xlsx"}, {"limit": "5"}, {"cursor": "x"}, {"q": "\0"}])
async def test_a_parameter_that_an_export_does_not_know_is_refused(
    ada: Person, query: dict[str, str]
) -> None:
    assert_problem(await ada.client.get("/items/export", params=query), 422, "validation-failed")


@pytest.fixture
def server(database_url: str) -> Iterator[Service]:
    """One connection, one export at a time, and little patience."""
    limits = {"APP_DB_POOL_SIZE": "1", "APP_DB_EXPORTS": "1", "APP_HTTP_READ_TIMEOUT": "1"}
    limits["APP_DB_POOL_TIMEOUT"] = "0.3"
    with serving(database_url, **limits) as server:
        yield server


@pytest.fixture
async def owner(server: Service, database: asyncpg.Connection) -> AsyncIterator[Person]:
    async with server.client() as client:
        person = await joined(client, "Ada")
        await database.execute(ADD, person.id, ROWS)
        yield person


async def test_an_export_takes_no_connection_from_others_and_gives_its_place_back(
    server: Service, owner: Person
) -> None:
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port)) as lazy:
        token = owner.client.headers["Authorization"]
        request = f"GET /api/v1/items/export HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {token}\r\n\r\n"
        lazy.sendall(request.encode())
        await asyncio.to_thread(lazy.recv, 1000)
        listed = await owner.client.get("/items")
        busy = await owner.client.get("/items/export")

        async def is_free() -> bool:  # although the reader has not left: it is cut off
            return (await owner.client.get("/items/export", params={"q": "none"})).status_code == 200

        await eventually(is_free)
    async with owner.client.stream("GET", "/items/export") as leaving:
        await anext(leaving.aiter_bytes())
    await eventually(is_free)
    whole = await owner.client.get("/items/export")

    assert listed.status_code == 200
    assert_problem(busy, 503, "too-many-exports")
    assert int(busy.headers["retry-after"]) > 0
    assert len({row["id"] for row in read_csv(whole.text)}) == ROWS


async def test_an_export_that_fails_midway_does_not_look_complete(
    owner: Person, database: asyncpg.Connection
) -> None:
    received: list[bytes] = []
    try:
        with pytest.raises(httpx2.RemoteProtocolError):
            await read_until_it_breaks(owner, database, received)
    finally:
        await database.execute("ALTER TABLE lost RENAME TO items")

    assert received


async def read_until_it_breaks(owner: Person, database: asyncpg.Connection, received: list[bytes]) -> None:
    async with owner.client.stream("GET", "/items/export") as answer:
        async for part in answer.aiter_bytes():
            if not received:
                await database.execute("ALTER TABLE items RENAME TO lost")
            received.append(part)
