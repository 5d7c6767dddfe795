"""Nobody sets a field that is not theirs to set (OWASP API3)."""

from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from tests.support import PASSWORD, Person, assert_problem, rows

SOMEBODY = "0198c0de-0000-7000-8000-000000000000"
RESERVED: dict[str, Any] = {
    "id": SOMEBODY,
    "owner_id": SOMEBODY,
    "user_id": SOMEBODY,
    "role": "admin",
    "is_admin": True,
    "is_superuser": True,
    "is_active": True,
    "email_verified": True,
    "email_canonical": "ada@example.com",
    "password_hash": "$argon2id$",
    "secret": "whsec_AAAA",
    "sealed": "AAAA",
    "failing_since": None,
    "version": 99,
    "created_at": "2020-01-01T00:00:00Z",
    "updated_at": "2020-01-01T00:00:00Z",
    "__class__": "Admin",
    "__proto__": {"role": "admin"},
}
ROUTES: list[tuple[str, dict[str, Any]]] = [
    ("POST /users", {"email": "new@example.com", "password": PASSWORD, "name": "New"}),
    ("PATCH /users/me", {"name": "Countess"}),
    ("PATCH /users/{user}", {}),
    ("PUT /users/me/password", {"current_password": PASSWORD, "new_password": "a staple for the battery"}),
    ("POST /users/me/email", {"current_password": PASSWORD, "email": "new@example.com"}),
    ("POST /api-keys", {"name": "Import", "scopes": ["items:read"]}),
    ("POST /auth/password-reset", {"email": "ada@example.com"}),
    ("POST /items", {"title": "Chair"}),
    ("PUT /items/{item}", {"title": "Chair"}),
    ("PATCH /items/{item}", {"title": "Chair"}),
    ("POST /webhooks", {"url": "https://93.184.215.14/", "events": ["item.created"]}),
    ("PATCH /webhooks/{hook}", {}),
]
TOKEN = {"access_token", "token_type", "expires_in"}
OWN = {
    "PATCH /users/{user}": {"role", "is_active"},
    "PATCH /webhooks/{hook}": {"is_active"},
}  # what the route is for


@pytest.mark.parametrize(("route", "body"), ROUTES)
async def test_a_field_that_is_not_the_callers_is_refused_and_nothing_changes(
    ada: Person, admin: Person, database: asyncpg.Connection, route: str, body: dict[str, Any]
) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    webhook = {"url": "https://93.184.215.14/", "events": ["item.created"]}
    hook = (await ada.client.post("/webhooks", json=webhook)).json()
    caller = admin if "{user}" in route else ada
    method, path = route.format(item=item["id"], user=ada.id, hook=hook["id"]).split()
    before = await rows(database)

    for name in RESERVED.keys() - OWN.get(route, set()):
        answer = await caller.client.request(method, path, json=body | {name: RESERVED[name]})

        problem = assert_problem(answer, 422, "validation-failed")
        assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [
            (f"/{name}", "extra_forbidden")
        ]
    assert await rows(database) == before


async def test_no_item_of_many_has_a_field_that_is_not_the_callers(
    ada: Person, database: asyncpg.Connection
) -> None:
    before = await rows(database)

    for name, value in RESERVED.items():
        items = [{"title": "Chair"}, {"title": "Table", name: value}]
        answer = await ada.client.post("/items/bulk", json={"items": items})

        problem = assert_problem(answer, 422, "validation-failed")
        assert [each["pointer"] for each in problem["errors"]] == [f"/items/1/{name}"]
    assert await rows(database) == before


async def test_a_login_ignores_other_fields_as_oauth_asks_and_gives_nothing_more(
    anonymous: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    before = await rows(database)
    form = {
        "username": ada.email,
        "password": PASSWORD,
        "role": "admin",
        "user_id": SOMEBODY,
        "scope": "admin",
    }

    answer = await anonymous.post("/auth/token", data=form)

    assert {name for name in answer.json() if not name.startswith("refresh_")} == TOKEN
    assert await rows(database) == before
