"""Webhooks as their owner keeps them: made, read, changed, switched off, rotated and deleted over HTTP."""

import asyncio
from typing import Any

import asyncpg
import pytest
from httpx2 import Response

from app.services.webhook_service import MAX_ENDPOINTS
from tests.support import Person, assert_problem
from tests.watching import statements

URL = "https://93.184.215.14/hook?token=a"  # an address: nothing is looked up
BODY: dict[str, Any] = {"url": URL, "events": ["item.created", "item.deleted", "item.created"]}


async def make(person: Person, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    answer = await person.client.post("/webhooks", json=BODY | changes)
    assert answer.status_code == 201, answer.text
    hook: dict[str, Any] = answer.json()
    return hook


def without_secret(hook: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in hook.items() if name != "secret"}


async def test_a_webhook_is_made_with_a_secret_that_is_shown_once_and_kept_encrypted(
    ada: Person, database: asyncpg.Connection
) -> None:
    answer = await ada.client.post("/webhooks", json=BODY)

    hook = answer.json()
    assert answer.status_code == 201
    assert hook["secret"].startswith("whsec_")
    assert len(hook["secret"]) == len("whsec_") + 44  # 256 bits
    assert without_secret(hook) == {
        "id": hook["id"],
        "url": URL,
        "events": ["item.created", "item.deleted"],
        "is_active": True,
        "created_at": hook["created_at"],
    }
    read = await ada.client.get(f"http://localhost{answer.headers['location']}")
    assert read.json() == without_secret(hook)
    assert (await ada.client.get("/webhooks")).json()["items"] == [read.json()]
    stored = str(await database.fetch("SELECT w FROM webhooks w"))
    assert hook["secret"].removeprefix("whsec_") not in stored


async def test_a_rotation_shows_a_new_secret_once(ada: Person) -> None:
    hook = await make(ada)

    answer = await ada.client.post(f"/webhooks/{hook['id']}/rotate-secret")

    assert answer.status_code == 200
    assert without_secret(answer.json()) == without_secret(hook)
    assert answer.json()["secret"] not in {hook["secret"], ""}


async def test_a_repeated_rotation_with_one_key_rotates_once(ada: Person) -> None:
    hook = await make(ada)
    key = {"Idempotency-Key": "k-1"}
    path = f"/webhooks/{hook['id']}/rotate-secret"

    first, again = [await ada.client.post(path, headers=key) for _ in range(2)]

    assert again.headers["idempotency-replayed"] == "true"
    assert first.json() == again.json()


async def test_fields_are_changed_one_by_one_and_say_which_version_they_are(ada: Person) -> None:
    hook = await make(ada)
    path = f"/webhooks/{hook['id']}"
    tag = (await ada.client.get(path)).headers["etag"]

    changed = await ada.client.patch(path, json={"events": ["item.updated"]}, headers={"If-Match": tag})
    stale = await ada.client.patch(path, json={"is_active": False}, headers={"If-Match": tag})
    off = await ada.client.patch(path, json={"is_active": False})
    known = await ada.client.get(path, headers={"If-None-Match": off.headers["etag"]})

    assert changed.json() == without_secret(hook) | {"events": ["item.updated"]}
    assert_problem(stale, 412, "version-changed")
    assert (off.status_code, off.json()["is_active"]) == (200, False)
    assert known.status_code == 304


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": URL}, "/events"),
        ({"events": ["item.created"]}, "/url"),
        ({"url": URL, "events": []}, "/events"),
        ({"url": URL, "events": ["item.exploded"]}, "/events/0"),
        ({"url": URL, "events": "item.created"}, "/events"),
        ({"url": 7, "events": ["item.created"]}, "/url"),
        ({"url": URL, "events": ["item.created"], "is_active": False}, "/is_active"),
        ({"url": URL, "events": ["item.created"], "secret": "whsec_AAAA"}, "/secret"),
    ],
)
async def test_a_body_that_is_not_one_is_refused(ada: Person, body: dict[str, Any], pointer: str) -> None:
    problem = assert_problem(await ada.client.post("/webhooks", json=body), 422, "validation-failed")

    assert [each["pointer"] for each in problem["errors"]] == [pointer]


async def test_nobody_has_more_than_a_few_also_when_they_are_made_at_once(
    ada: Person, bob: Person, database: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(
        *(ada.client.post("/webhooks", json=BODY) for _ in range(MAX_ENDPOINTS + 3))
    )

    assert sorted(each.status_code for each in answers) == [201] * MAX_ENDPOINTS + [409] * 3
    assert_problem(next(each for each in answers if each.status_code == 409), 409, "too-many-webhooks")
    assert await database.fetchval("SELECT count(*) FROM webhooks") == MAX_ENDPOINTS
    await make(bob)


async def test_a_deleted_webhook_is_gone(ada: Person) -> None:
    hook = await make(ada)

    deleted = await ada.client.delete(f"/webhooks/{hook['id']}")

    assert deleted.status_code == 204
    for answer in await everywhere(ada, hook["id"], hook["id"]):
        assert_problem(answer, 404, "webhook-not-found")


async def test_somebody_elses_webhook_and_its_deliveries_are_not_found(
    ada: Person, bob: Person, admin: Person, database: asyncpg.Connection
) -> None:
    hook, own = await make(ada), await make(bob)
    await ada.client.post("/items", json={"title": "Lamp"})
    [entry] = (await ada.client.get(f"/webhooks/{hook['id']}/deliveries")).json()["items"]
    before = await database.fetch("TABLE webhooks ORDER BY id")

    for stranger in (bob, admin):
        for answer in await everywhere(stranger, hook["id"], entry["id"]):
            assert_problem(answer, 404, "webhook-not-found")
    for place in ("", "/redeliver"):
        method = "POST" if place else "GET"
        answer = await bob.client.request(method, f"/webhooks/{own['id']}/deliveries/{entry['id']}{place}")
        assert_problem(answer, 404, "delivery-not-found")
    assert await database.fetch("TABLE webhooks ORDER BY id") == before


async def everywhere(person: Person, webhook_id: str, delivery_id: str) -> list[Response]:
    """What each route says about a webhook."""
    path, call = f"/webhooks/{webhook_id}", person.client.request
    return [
        await call("GET", path),
        await call("PATCH", path, json={"is_active": False}),
        await call("DELETE", path),
        await call("POST", f"{path}/rotate-secret"),
        await call("GET", f"{path}/deliveries"),
        await call("GET", f"{path}/deliveries/{delivery_id}"),
        await call("POST", f"{path}/deliveries/{delivery_id}/redeliver"),
    ]


async def test_deliveries_are_listed_in_pages_by_status(ada: Person, database: asyncpg.Connection) -> None:
    hook = await make(ada)
    body = {"items": [{"title": f"Lamp {number}"} for number in range(5)]}
    assert (await ada.client.post("/items/bulk", json=body)).status_code == 201
    await database.execute(
        "UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL "
        "WHERE id IN (SELECT id FROM webhook_deliveries LIMIT 2)"
    )
    path = f"/webhooks/{hook['id']}/deliveries"

    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await ada.client.get(path, params=query)).json()
        seen += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break

    assert len({each["id"] for each in seen}) == 5
    failed = (await ada.client.get(path, params={"status": "failed"})).json()["items"]
    assert [each["status"] for each in failed] == ["failed"] * 2
    assert_problem(await ada.client.get(path, params={"status": "lost"}), 422, "validation-failed")


async def test_a_change_by_somebody_without_webhooks_looks_for_none(ada: Person) -> None:
    async with statements() as seen:
        item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
        await ada.client.post("/items/bulk", json={"items": [{"title": "Lamp"}] * 3})
        await ada.client.patch(f"/items/{item['id']}", json={"title": "Desk"}, headers={"If-Match": "*"})
        await ada.client.delete(f"/items/{item['id']}", headers={"If-Match": "*"})

    assert seen
    assert [text for text, _ in seen if "webhook" in text.replace("has_webhooks", "")] == []


@pytest.mark.parametrize("path", ["/items", "/items/bulk"])
async def test_an_item_whose_event_cannot_be_written_is_not_created(
    ada: Person, database: asyncpg.Connection, path: str
) -> None:
    await make(ada)
    await database.execute("ALTER TABLE webhook_deliveries ADD CONSTRAINT none CHECK (event IS NULL)")
    try:
        body = {"title": "Lamp"} if path == "/items" else {"items": [{"title": "Lamp"}]}
        answer = await ada.client.post(path, json=body)
    finally:
        await database.execute("ALTER TABLE webhook_deliveries DROP CONSTRAINT none")

    assert_problem(answer, 500, "internal-server-error")
    assert await database.fetchval("SELECT count(*) FROM items") == 0
    created = "SELECT count(*) FROM audit_events WHERE action = 'item.created' AND actor_id = $1"
    assert await database.fetchval(created, ada.id) == 0


async def test_the_last_webhook_to_go_takes_the_search_for_them_along_and_no_change_is_a_new_version(
    ada: Person, database: asyncpg.Connection
) -> None:
    before = (await ada.client.get("/users/me")).headers["etag"]
    known = "SELECT has_webhooks FROM users WHERE email = 'ada@example.com'"
    first, second = await make(ada), await make(ada)

    seen = [await database.fetchval(known)]
    for hook in (first, second):
        await ada.client.delete(f"/webhooks/{hook['id']}")
        seen.append(await database.fetchval(known))

    assert seen == [True, True, False]
    assert (await ada.client.get("/users/me")).headers["etag"] == before


async def test_events_are_written_with_two_statements_and_a_few_jobs_however_many_items(ada: Person) -> None:
    await make(ada)
    body = {"items": [{"title": "Lamp"}] * 100}

    async with statements() as seen:
        await ada.client.post("/items/bulk", json=body)

    about = [text.split()[0] for text, _ in seen if "webhook" in text.replace("has_webhooks", "")]
    assert about == ["SELECT", "INSERT"]
    assert len([text for text, _ in seen if "procrastinate" in text]) <= 4
