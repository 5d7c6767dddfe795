"""Creating many items at once: all of them or none."""

import asyncpg
import pytest

from tests.apps import app_of
from tests.support import Person, assert_problem, make_settings, open_client, rows, running
from tests.watching import statements

LAMPS = [{"title": f"Lamp {number}", "tags": ["brass"]} for number in range(1000)]


async def test_a_thousand_items_are_created_in_their_order_by_one_statement(
    ada: Person, database_url: str
) -> None:
    app = app_of(make_settings(database_url, revision="bulk"))
    async with (
        running(app) as service,
        open_client(service, headers=ada.client.headers) as client,
        statements() as seen,
    ):
        answer = await client.post("/items/bulk", json={"items": LAMPS})

    created = answer.json()["items"]
    page = (await ada.client.get("/items", params={"sort": "created_at", "limit": 100})).json()["items"]
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/api/v1/items"
    assert [item["title"] for item in created] == [lamp["title"] for lamp in LAMPS]
    assert {item["owner_id"] for item in created} == {ada.id}
    assert page == created[:100]
    assert len([each for each, _ in seen if each.startswith("INSERT INTO items")]) == 1


@pytest.mark.parametrize(
    ("index", "item", "fault"),
    [
        (17, {"title": ""}, ("/items/17/title", "string_too_short")),
        (999, {"title": "Lamp", "owner_id": "x"}, ("/items/999/owner_id", "extra_forbidden")),
        (0, {"title": "Lamp", "price_minor": 1}, ("/items/0", "price_with_currency")),
        (5, {"title": "Lamp", "tags": ["a", 7]}, ("/items/5/tags/1", "string_type")),
        (5, "Lamp", ("/items/5", "model_attributes_type")),
    ],
)
async def test_one_bad_item_is_pointed_at_and_no_other_is_created(
    ada: Person, database: asyncpg.Connection, index: int, item: object, fault: tuple[str, str]
) -> None:
    before = await rows(database)

    answer = await ada.client.post("/items/bulk", json={"items": [*LAMPS[:index], item, *LAMPS[index + 1 :]]})

    problem = assert_problem(answer, 422, "validation-failed")
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [fault]
    assert await rows(database) == before


@pytest.mark.parametrize("body", [{"items": []}, {"items": [*LAMPS, LAMPS[0]]}, {}, {"items": {}}, LAMPS])
async def test_no_item_or_more_than_a_thousand_are_refused(
    ada: Person, database: asyncpg.Connection, body: object
) -> None:
    assert_problem(await ada.client.post("/items/bulk", json=body), 422, "validation-failed")

    assert await database.fetchval("SELECT count(*) FROM items") == 0


async def test_a_row_that_the_database_refuses_takes_all_others_with_it(
    ada: Person, database: asyncpg.Connection
) -> None:
    await database.execute("ALTER TABLE items ADD CONSTRAINT no_lamp_999 CHECK (title <> 'Lamp 999')")
    try:
        answer = await ada.client.post("/items/bulk", json={"items": LAMPS})
    finally:
        await database.execute("ALTER TABLE items DROP CONSTRAINT no_lamp_999")

    assert_problem(answer, 500, "internal-server-error")
    assert await database.fetchval("SELECT count(*) FROM items") == 0
