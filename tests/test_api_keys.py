"""API keys: for programs that act for a user, with some of the user's rights."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from tests.support import Person, assert_problem

LOGIN_ONLY = [
    ("GET", "/users/me"),
    ("PATCH", "/users/me"),
    ("GET", "/auth/sessions"),
    ("POST", "/auth/logout-all"),
    ("GET", "/api-keys"),
    ("POST", "/api-keys"),
    ("GET", "/users"),
    ("GET", "/audit-events"),
]


async def make_key(person: Person, *scopes: str, **more: str) -> dict[str, Any]:
    body = {"name": "Nightly import", "scopes": scopes, **more}
    answer = await person.client.post("/api-keys", json=body)
    assert answer.status_code == 201, answer.text
    key: dict[str, Any] = answer.json()
    return key


def bearer(key: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


async def test_a_key_is_shown_once_and_kept_as_a_hash(ada: Person, database: asyncpg.Connection) -> None:
    answer = await ada.client.post("/api-keys", json={"name": "Import", "scopes": ["items:read"]})

    key = answer.json()
    assert key["key"].startswith(key["prefix"])
    assert len(key["key"]) == len("sw_") + 43
    read = await ada.client.get(f"http://localhost{answer.headers['location']}")
    assert read.json() == {name: value for name, value in key.items() if name != "key"}
    assert (await ada.client.get("/api-keys")).json()["items"] == [read.json()]
    assert key["key"] not in str(await database.fetch("SELECT k FROM api_keys k"))


async def test_a_key_does_what_its_scopes_allow_and_nothing_else(anonymous: AsyncClient, ada: Person) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    reader = bearer(await make_key(ada, "items:read"))
    writer = bearer(await make_key(ada, "items:write"))

    read = await anonymous.get(f"/items/{item['id']}", headers=reader)
    written = await anonymous.post("/items", json={"title": "Chair"}, headers=writer)

    assert (read.json(), written.json()["owner_id"]) == (item, ada.id)
    for path, method, key in (("/items", "POST", reader), ("/items", "GET", writer)):
        refused = await anonymous.request(method, path, json={"title": "Desk"}, headers=key)
        assert_problem(refused, 403, "insufficient-scope")
        assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope"'


@pytest.mark.parametrize(("method", "path"), LOGIN_ONLY)
async def test_a_key_cannot_touch_the_account_itself(
    anonymous: AsyncClient, admin: Person, method: str, path: str
) -> None:
    key = bearer(await make_key(admin, "items:read", "items:write"))

    assert_problem(await anonymous.request(method, path, headers=key), 403, "insufficient-scope")


async def test_a_key_sees_only_its_owners_items(anonymous: AsyncClient, ada: Person, bob: Person) -> None:
    await ada.client.post("/items", json={"title": "Lamp"})
    key = bearer(await make_key(bob, "items:read"))

    assert (await anonymous.get("/items", headers=key)).json()["items"] == []


async def test_a_revoked_key_stops_working_at_once(anonymous: AsyncClient, ada: Person, bob: Person) -> None:
    key = await make_key(ada, "items:read")
    path = f"/api-keys/{key['id']}"
    assert_problem(await bob.client.delete(path), 404, "api-key-not-found")
    assert (await anonymous.get("/items", headers=bearer(key))).status_code == 200

    assert (await ada.client.delete(path)).status_code == 204

    assert_problem(await anonymous.get("/items", headers=bearer(key)), 401, "invalid-token")
    assert_problem(await ada.client.get(path), 404, "api-key-not-found")
    assert_problem(await ada.client.delete(path), 404, "api-key-not-found")


async def test_an_expired_key_and_the_key_of_a_disabled_user_stop_working(
    anonymous: AsyncClient, ada: Person, admin: Person, database: asyncpg.Connection
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    expiring, lasting = (
        await make_key(ada, "items:read", expires_at=tomorrow),
        await make_key(ada, "items:read"),
    )
    assert (await anonymous.get("/items", headers=bearer(expiring))).status_code == 200

    await database.execute("UPDATE api_keys SET expires_at = now() WHERE expires_at IS NOT NULL")
    assert_problem(await anonymous.get("/items", headers=bearer(expiring)), 401, "invalid-token")
    await admin.client.patch(f"/users/{ada.id}", json={"is_active": False})
    assert_problem(await anonymous.get("/items", headers=bearer(lasting)), 401, "invalid-token")


async def test_the_last_use_of_a_key_is_kept(anonymous: AsyncClient, ada: Person) -> None:
    key = await make_key(ada, "items:read")
    assert key["last_used_at"] is None

    await anonymous.get("/items", headers=bearer(key))

    used = (await ada.client.get(f"/api-keys/{key['id']}")).json()["last_used_at"]
    assert used > key["created_at"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"scopes": []}, "/scopes", "too_short"),
        ({"scopes": ["users:write"]}, "/scopes/0", "literal_error"),
        ({"scopes": "items:read"}, "/scopes", "list_type"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at", "past_time"),
        ({"expires_at": "2030-01-01T00:00:00"}, "/expires_at", "timezone_aware"),
        ({"name": ""}, "/name", "string_too_short"),
        ({"key": "sw_chosen"}, "/key", "extra_forbidden"),
    ],
)
async def test_a_bad_key_is_refused(ada: Person, change: dict[str, Any], pointer: str, code: str) -> None:
    answer = await ada.client.post("/api-keys", json={"name": "Import", "scopes": ["items:read"]} | change)

    problem = assert_problem(answer, 422, "validation-failed")
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]


@pytest.mark.parametrize("key", ["sw_", "sw_" + "0" * 43, "sw_" + "x" * 5000])
async def test_a_made_up_key_is_refused(anonymous: AsyncClient, key: str) -> None:
    answer = await anonymous.get("/items", headers={"Authorization": f"Bearer {key}"})

    assert_problem(answer, 401, "invalid-token")


async def test_keys_are_remembered_in_the_audit_trail(ada: Person, admin: Person) -> None:
    key = await make_key(ada, "items:read")
    await ada.client.delete(f"/api-keys/{key['id']}")

    events = (await admin.client.get("/audit-events", params={"target_id": key["id"]})).json()["items"]

    assert [event["action"] for event in events] == ["api_key.revoked", "api_key.created"]
