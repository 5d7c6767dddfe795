"""Lists: pages that neither repeat nor lose a row, and cursors that nobody can make up."""

import asyncio
import itertools
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from app.core.config import Settings
from app.core.cursors import Cursors
from tests.support import ANY_VERSION, Person, assert_problem, make_settings

BASE = "http://localhost"
ITEM_SORTS = ["created_at", "-created_at", "updated_at", "-updated_at", "title", "-title"]
USER_SORTS = ["created_at", "-created_at"]
TITLES = ["b", "a", "B", "ä", "a", "c", "a"]  # ties, and letters whose order depends on the collation


async def fill(person: Person, titles: list[str] = TITLES) -> list[dict[str, Any]]:
    return [(await person.client.post("/items", json={"title": title})).json() for title in titles]


async def walk(client: AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Follow the Link headers to the end of a list."""
    rows: list[dict[str, Any]] = []
    answer = await client.get(path, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        rows += answer.json()["items"]
        if "next" not in answer.links:
            assert answer.json()["next_cursor"] is None
            return rows
        assert len(answer.json()["items"]) == query["limit"]
        assert f"cursor={answer.json()['next_cursor']}" in answer.links["next"]["url"]
        answer = await client.get(BASE + answer.links["next"]["url"])


def expected_order(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """By the column, ties by id, text by code point."""
    name = sort.removeprefix("-")
    return sorted(rows, key=lambda row: (row[name], row["id"]), reverse=sort.startswith("-"))


@pytest.mark.parametrize("sort", ITEM_SORTS)
@pytest.mark.parametrize("limit", [3, len(TITLES)])
async def test_a_walk_through_items_meets_each_one_once_and_in_order(
    ada: Person, bob: Person, database: asyncpg.Connection, sort: str, limit: int
) -> None:
    await fill(ada)
    await fill(bob)
    await database.execute("UPDATE items SET created_at = now(), updated_at = now() WHERE title = 'a'")

    mine = (await ada.client.get("/items", params={"limit": 100})).json()["items"]
    assert len(mine) == len(TITLES)
    assert await walk(ada.client, "/items", sort=sort, limit=limit) == expected_order(mine, sort)


@pytest.mark.parametrize("sort", USER_SORTS)
async def test_a_walk_through_accounts_meets_each_one_once_and_in_order(
    admin: Person, ada: Person, bob: Person, database: asyncpg.Connection, sort: str
) -> None:
    await database.execute("UPDATE users SET created_at = now() WHERE email <> $1", ada.email)

    everybody = (await admin.client.get("/users", params={"limit": 100})).json()["items"]
    assert {account["id"] for account in everybody} == {admin.id, ada.id, bob.id}
    assert await walk(admin.client, "/users", sort=sort, limit=1) == expected_order(everybody, sort)


async def test_the_tests_above_know_every_documented_order(anonymous: AsyncClient) -> None:
    paths = (await anonymous.get(f"{BASE}/openapi.json")).json()["paths"]

    def documented(path: str) -> list[str]:
        parameters = {each["name"]: each["schema"] for each in paths[path]["get"]["parameters"]}
        return list(parameters["sort"]["enum"])

    assert (documented("/api/v1/items"), documented("/api/v1/users")) == (ITEM_SORTS, USER_SORTS)


@pytest.mark.parametrize("sort", ITEM_SORTS)
async def test_rows_that_come_and_go_during_a_walk_disturb_no_other_row(ada: Person, sort: str) -> None:
    items = expected_order(await fill(ada, ["d", "e", "f", "g", "h", "i"]), sort)
    first = (await ada.client.get("/items", params={"sort": sort, "limit": 3})).json()
    assert [item["id"] for item in first["items"]] == [item["id"] for item in items[:3]]

    for gone in (items[0], items[2], items[4]):  # seen, the one the cursor names, and one to come
        await ada.client.delete(f"/items/{gone['id']}", headers=ANY_VERSION)
    await fill(ada, ["a", "z"])
    rest = await walk(ada.client, "/items", sort=sort, limit=3, cursor=first["next_cursor"])

    known = {item["id"] for item in items}
    assert [item["id"] for item in rest if item["id"] in known] == [items[3]["id"], items[5]["id"]]


@pytest.mark.parametrize("sort", ITEM_SORTS)
async def test_a_walk_beside_a_busy_writer_meets_every_lasting_row_once(ada: Person, sort: str) -> None:
    lasting = {item["id"] for item in await fill(ada, [f"m{number:02}" for number in range(40)])}
    written: list[str] = []
    writer = asyncio.create_task(come_and_go(ada, written))
    try:
        walks = [await walk(ada.client, "/items", sort=sort, limit=3) for _ in range(3)]
        assert not writer.done(), writer
    finally:
        writer.cancel()

    for met in ([item["id"] for item in items] for items in walks):
        assert len(met) == len(set(met))
        assert lasting <= set(met)
    assert len(written) > len(walks)


async def come_and_go(person: Person, written: list[str]) -> None:
    """Add rows before, between and behind all others, and take each away again, for ever."""
    for number in itertools.count():
        titles = [f"{letter}{number % 40:02}x" for letter in "amz"]
        for item in await fill(person, titles):
            await person.client.delete(f"/items/{item['id']}", headers=ANY_VERSION)
            written.append(item["id"])


async def test_the_link_keeps_the_filters_and_never_repeats_the_host(ada: Person) -> None:
    await fill(ada, ["a&b", "a&b"])

    answer = await ada.client.get("/items", params={"q": "a&b", "sort": "title", "limit": 1})

    url = answer.links["next"]["url"]
    assert url.startswith("/api/v1/items?")
    assert [item["title"] for item in (await ada.client.get(BASE + url)).json()["items"]] == ["a&b"]


@pytest.mark.parametrize(("limit", "rows"), [(None, 20), ("1", 1), ("100", 21)])
async def test_a_page_has_twenty_rows_unless_told_otherwise(
    ada: Person, database: asyncpg.Connection, limit: str | None, rows: int
) -> None:
    rows_of_ada = "INSERT INTO items (id, owner_id, title) SELECT gen_random_uuid(), $1, 'Lamp'"
    await database.execute(f"{rows_of_ada} FROM generate_series(1, 21)", ada.id)

    answer = await ada.client.get("/items", params={"limit": limit} if limit else {})

    assert len(answer.json()["items"]) == rows
    assert ("next" in answer.links) == (rows < 21)


async def cursor_of(client: AsyncClient, path: str, **query: str) -> str:
    return str((await client.get(path, params={"limit": "1", **query})).json()["next_cursor"])


@pytest.mark.parametrize("sort", ["title", "-created_at"])
async def test_a_cursor_that_is_not_of_this_list_and_order_is_refused(
    admin: Person, ada: Person, settings: Settings, sort: str
) -> None:
    await fill(ada)
    good = await cursor_of(admin.client, "/items", sort=sort)
    body, signature = good.rsplit(".", 1)
    stranger = make_settings(settings.database_url.get_secret_value(), secret_key="x" * 32)
    refused = {
        "empty": "",
        "garbage": "%00\0\x7fé",
        "one letter less": good[:-1],
        "one letter changed": ("B" if good[0] == "A" else "A") + good[1:],
        "no signature": body,
        "another signature": f"{body}.{signature[::-1]}",
        "another order": await cursor_of(admin.client, "/items", sort="updated_at"),
        "another filter": await cursor_of(admin.client, "/items", sort=sort, status="draft"),
        "another list": await cursor_of(admin.client, "/users"),
        "another key": Cursors(stranger).sign(f'items:{{"sort":"{sort}"}}', ["a", ada.id]),
        "oversized": good + "A" * 10_000,
    }

    answers = {
        name: await admin.client.get("/items", params={"sort": sort, "cursor": cursor})
        for name, cursor in refused.items()
    }
    assert (await admin.client.get("/items", params={"sort": sort, "cursor": good})).status_code == 200
    for answer in answers.values():
        assert_problem(answer, 400, "invalid-cursor")
