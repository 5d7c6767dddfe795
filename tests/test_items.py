"""Items: what an owner can do with them."""

import pytest
from httpx2 import AsyncClient

from tests.support import ANY_VERSION, Person, assert_problem

LAMP = {
    "title": "Reading lamp",
    "description": "Brass, 1932.",
    "status": "active",
    "tags": ["lamp", "brass"],
    "price_minor": 4900,
    "currency": "EUR",
}


async def test_an_item_is_created_with_every_field_and_read_back(ada: Person) -> None:
    created = await ada.client.post("/items", json=LAMP)

    assert created.status_code == 201
    item = created.json()
    assert item | LAMP | {"owner_id": ada.id, "version": 1} == item
    assert created.headers["location"] == f"/api/v1/items/{item['id']}"
    read = await ada.client.get(f"http://localhost{created.headers['location']}")
    assert read.json() == item


async def test_a_title_is_all_an_item_needs(ada: Person) -> None:
    item = (await ada.client.post("/items", json={"title": "  Lamp  "})).json()

    assert (item["title"], item["status"], item["tags"]) == ("Lamp", "draft", [])
    assert (item["description"], item["price_minor"], item["currency"]) == (None, None, None)


async def test_patch_changes_the_given_fields_and_counts_the_version_up(ada: Person) -> None:
    item = (await ada.client.post("/items", json=LAMP)).json()

    change = {"title": "Desk lamp", "description": None}
    changed = await ada.client.patch(f"/items/{item['id']}", json=change, headers=ANY_VERSION)

    expected = item | {"title": "Desk lamp", "description": None, "version": 2}
    assert changed.status_code == 200
    assert changed.json() == expected | {"updated_at": changed.json()["updated_at"]}
    assert changed.json()["updated_at"] > item["updated_at"]


async def test_a_patch_that_changes_nothing_keeps_the_version(ada: Person) -> None:
    item = (await ada.client.post("/items", json=LAMP)).json()

    for change in ({}, {"title": LAMP["title"]}):
        changed = await ada.client.patch(f"/items/{item['id']}", json=change, headers=ANY_VERSION)
        assert changed.json() == item


async def test_put_replaces_the_item_so_that_missing_fields_get_their_defaults(ada: Person) -> None:
    item = (await ada.client.post("/items", json=LAMP)).json()

    path = f"/items/{item['id']}"
    replaced = (await ada.client.put(path, json={"title": "Chair"}, headers=ANY_VERSION)).json()

    assert (replaced["title"], replaced["tags"], replaced["price_minor"]) == ("Chair", [], None)
    assert (replaced["id"], replaced["version"]) == (item["id"], 2)


async def test_a_deleted_item_is_gone(ada: Person) -> None:
    item = (await ada.client.post("/items", json=LAMP)).json()

    deleted = await ada.client.delete(f"/items/{item['id']}", headers=ANY_VERSION)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert_problem(await ada.client.get(f"/items/{item['id']}"), 404, "item-not-found")
    assert_problem(
        await ada.client.delete(f"/items/{item['id']}", headers=ANY_VERSION), 404, "item-not-found"
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_somebody_elses_item_is_not_found(ada: Person, bob: Person, method: str) -> None:
    item = (await ada.client.post("/items", json=LAMP)).json()
    body = {"title": "Mine now"} if method in {"PUT", "PATCH"} else None

    answer = await bob.client.request(method, f"/items/{item['id']}", json=body)

    assert_problem(answer, 404, "item-not-found")
    assert (await ada.client.get(f"/items/{item['id']}")).json() == item


async def test_an_administrator_sees_and_changes_everybodys_items(ada: Person, admin: Person) -> None:
    item = (await ada.client.post("/items", json=LAMP)).json()

    change = {"status": "archived"}
    changed = await admin.client.patch(f"/items/{item['id']}", json=change, headers=ANY_VERSION)

    assert (changed.json()["owner_id"], changed.json()["status"]) == (ada.id, "archived")
    assert [each["id"] for each in (await admin.client.get("/items")).json()["items"]] == [item["id"]]


async def test_items_need_a_login(anonymous: AsyncClient) -> None:
    answer = await anonymous.get("/items")

    assert_problem(answer, 401, "missing-token")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"title": ""}, "/title", "string_too_short"),
        ({"title": " \t "}, "/title", "string_too_short"),
        ({"title": "x" * 201}, "/title", "string_too_long"),
        ({"title": 7}, "/title", "string_type"),
        ({"title": None}, "/title", "string_type"),
        ({"title": "a\nb"}, "/title", "control_characters"),
        ({"description": "x" * 5001}, "/description", "string_too_long"),
        ({"status": "sold"}, "/status", "literal_error"),
        ({"tags": ["x"] * 21}, "/tags", "too_long"),
        ({"tags": ["fine", ""]}, "/tags/1", "string_too_short"),
        ({"price_minor": -1}, "/price_minor", "greater_than_equal"),
        ({"price_minor": 4900.0}, "/price_minor", "int_type"),
        ({"price_minor": "4900"}, "/price_minor", "int_type"),
        ({"currency": "eur"}, "/currency", "string_pattern_mismatch"),
        ({"currency": None}, "", "price_with_currency"),
        ({"colour": "red"}, "/colour", "extra_forbidden"),
        ({"a/b~c": "red"}, "/a~1b~0c", "extra_forbidden"),  # RFC 6901, section 3
    ],
)
async def test_a_bad_item_is_refused_with_a_pointer_to_the_mistake(
    ada: Person, change: dict[str, object], pointer: str, code: str
) -> None:
    item = (await ada.client.post("/items", json=LAMP)).json()

    for method, path in (("POST", "/items"), ("PUT", f"/items/{item['id']}")):
        problem = assert_problem(
            await ada.client.request(method, path, json=LAMP | change), 422, "validation-failed"
        )
        assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]
    assert (await ada.client.get(f"/items/{item['id']}")).json() == item
