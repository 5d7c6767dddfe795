"""Who may do what: every operation of the document against everybody (OWASP API1, API5)."""

from typing import Any

import asyncpg
import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import AsyncClient

from app.main import create_app
from tests.support import PASSWORD, Person, make_settings, rows

APP = create_app(make_settings("postgresql://nowhere"))
# What each caller is answered. The item and the account in a path are the owner's.
EXPECTED: dict[str, tuple[int, int, int, int]] = {
    #                anonymous, other, owner, admin
    "create_user": (201, 201, 201, 201),
    "get_me": (401, 200, 200, 200),
    "update_me": (401, 200, 200, 200),
    "list_users": (401, 403, 403, 200),
    "get_user": (401, 403, 403, 200),
    "update_user": (401, 403, 403, 200),
    "create_token": (200, 200, 200, 200),
    "create_item": (401, 201, 201, 201),
    "list_items": (401, 200, 200, 200),
    "get_item": (401, 404, 200, 200),
    "replace_item": (401, 404, 200, 200),
    "update_item": (401, 404, 200, 200),
    "delete_item": (401, 404, 204, 204),
    "get_health": (200, 200, 200, 200),
    "get_readiness": (200, 200, 200, 200),
    "get_version": (200, 200, 200, 200),
}
BODIES: dict[str, dict[str, Any]] = {
    "create_user": {"json": {"email": "new@example.com", "password": PASSWORD, "name": "New"}},
    "update_me": {"json": {"age": 36}},
    "update_user": {"json": {"is_active": True}},
    "create_token": {"data": {"username": "ada@example.com", "password": PASSWORD}},
    "create_item": {"json": {"title": "Lamp"}},
    "replace_item": {"json": {"title": "Chair"}},
    "update_item": {"json": {"title": "Chair"}},
}
OPERATIONS = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in APP.openapi()["paths"].items()
    for method, operation in methods.items()
}
# Routes that the document leaves out: a page, the document itself, and what the metrics token guards.
HIDDEN = {"/docs", "/metrics", "/openapi.json"}


def test_every_operation_has_a_line_in_the_table_and_every_line_an_operation() -> None:
    assert set(EXPECTED) == set(OPERATIONS)


def test_no_route_hides_from_the_table() -> None:
    routes = {each.path for each in iter_route_contexts(APP.routes) if each.path and each.methods}

    assert routes - {path for _, path in OPERATIONS.values()} == HIDDEN


@pytest.fixture
def callers(anonymous: AsyncClient, ada: Person, bob: Person, admin: Person) -> list[AsyncClient]:
    """In the order of the table's columns."""
    return [anonymous, bob.client, ada.client, admin.client]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_each_caller_gets_what_the_table_says_and_a_refusal_changes_nothing(
    callers: list[AsyncClient], ada: Person, database: asyncpg.Connection, operation: str
) -> None:
    method, path = OPERATIONS[operation]
    statuses = []
    for caller in callers:
        item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
        before = await rows(database)
        url = "http://localhost" + path.format(item_id=item["id"], user_id=ada.id)
        answer = await caller.request(method, url, **BODIES.get(operation, {}))
        statuses.append(answer.status_code)
        assert answer.is_success or await rows(database) == before
        await database.execute("DELETE FROM users WHERE email = 'new@example.com'")

    assert tuple(statuses) == EXPECTED[operation]
