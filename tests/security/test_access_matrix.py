"""Who may do what: every operation of the document against everybody (OWASP API1, API5)."""

from typing import Any

import asyncpg
import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import AsyncClient

from app.schemas.prediction import SEVEN
from tests.apps import UNCONNECTED, app_of
from tests.conftest import Register
from tests.support import ANY_VERSION, PASSWORD, Person, rows

APP = app_of(UNCONNECTED)
# What each caller is answered. What a path names is the owner's, and so is the key, which may read items.
EXPECTED: dict[str, tuple[int, int, int, int, int]] = {
    #                anonymous, other, owner, admin, key
    "create_user": (201, 201, 201, 201, 201),
    "get_me": (401, 200, 200, 200, 403),
    "update_me": (401, 200, 200, 200, 403),
    "delete_me": (401, 204, 204, 409, 403),
    "change_email": (401, 202, 202, 202, 403),
    "change_password": (401, 204, 204, 204, 403),
    "list_users": (401, 403, 403, 200, 403),
    "get_user": (401, 403, 403, 200, 403),
    "update_user": (401, 403, 403, 200, 403),
    "delete_user": (401, 403, 403, 204, 403),
    "reset_two_factor": (401, 403, 403, 409, 403),
    "create_token": (200, 200, 200, 200, 200),
    "refresh_token": (401, 401, 401, 401, 401),
    "log_out": (401, 204, 204, 204, 403),
    "log_out_everywhere": (401, 204, 204, 204, 403),
    "list_sessions": (401, 200, 200, 200, 403),
    "end_session": (401, 404, 204, 404, 403),
    "verify_email": (400, 400, 400, 400, 400),
    "resend_verification": (401, 202, 202, 202, 403),
    "request_password_reset": (202, 202, 202, 202, 202),
    "reset_password": (400, 400, 400, 400, 400),
    "start_two_factor": (401, 200, 200, 200, 403),
    "confirm_two_factor": (401, 409, 409, 409, 403),
    "disable_two_factor": (401, 409, 409, 409, 403),
    "renew_recovery_codes": (401, 409, 409, 409, 403),
    "begin_oidc_login": (404, 404, 404, 404, 404),
    "finish_oidc_login": (404, 404, 404, 404, 404),
    "create_api_key": (401, 201, 201, 201, 403),
    "list_api_keys": (401, 200, 200, 200, 403),
    "get_api_key": (401, 404, 200, 404, 403),
    "revoke_api_key": (401, 404, 204, 404, 403),
    "create_item": (401, 201, 201, 201, 403),
    "create_items": (401, 201, 201, 201, 403),
    "export_items": (401, 200, 200, 200, 200),
    "list_items": (401, 200, 200, 200, 200),
    "get_item": (401, 404, 200, 200, 200),
    "replace_item": (401, 404, 200, 200, 403),
    "update_item": (401, 404, 200, 200, 403),
    "delete_item": (401, 404, 204, 204, 403),
    "create_webhook": (401, 201, 201, 201, 403),
    "list_webhooks": (401, 200, 200, 200, 403),
    "get_webhook": (401, 404, 200, 404, 403),
    "update_webhook": (401, 404, 200, 404, 403),
    "delete_webhook": (401, 404, 204, 404, 403),
    "rotate_webhook_secret": (401, 404, 200, 404, 403),
    "list_deliveries": (401, 404, 200, 404, 403),
    "get_delivery": (401, 404, 200, 404, 403),
    "repeat_delivery": (401, 404, 202, 404, 403),
    "import_items": (401, 202, 202, 202, 403),
    "list_jobs": (401, 200, 200, 200, 403),
    "get_job": (401, 404, 200, 200, 403),
    "follow_job": (401, 404, 200, 200, 403),
    "cancel_job": (401, 404, 409, 409, 403),
    "retry_job": (401, 404, 409, 409, 403),
    "list_batch_jobs": (401, 403, 403, 200, 403),
    "start_batch_job": (401, 403, 403, 202, 403),
    "list_queue_jobs": (401, 403, 403, 200, 403),
    "retry_queue_job": (401, 403, 403, 404, 403),
    "cancel_queue_job": (401, 403, 403, 404, 403),
    "make_predictions": (200, 200, 200, 200, 200),
    "get_prediction_model": (200, 200, 200, 200, 200),
    "reload_prediction_model": (401, 403, 403, 200, 403),
    "list_audit_events": (401, 403, 403, 200, 403),
    "get_health": (200, 200, 200, 200, 200),
    "get_readiness": (200, 200, 200, 200, 200),
    "get_version": (200, 200, 200, 200, 200),
}
CALLERS = ("anonymous", "other", "owner", "admin", "key")
NEW_PASSWORD = "a staple for the battery"
WEBHOOK = {"url": "https://93.184.215.14/hook", "events": ["item.created"]}
BODIES: dict[str, dict[str, Any]] = {
    "create_user": {"json": {"email": "new@example.com", "password": PASSWORD, "name": "New"}},
    "update_me": {"json": {"age": 36}},
    "delete_me": {"json": {"current_password": PASSWORD}},
    "change_email": {"json": {"current_password": PASSWORD, "email": "new@example.com"}},
    "change_password": {"json": {"current_password": PASSWORD, "new_password": NEW_PASSWORD}},
    "update_user": {"json": {"is_active": True}},
    "create_token": {"data": {"username": "ada@example.com", "password": PASSWORD}},
    "refresh_token": {"json": {"refresh_token": "made up"}},
    "verify_email": {"json": {"token": "made up"}},
    "request_password_reset": {"json": {"email": "ada@example.com"}},
    "reset_password": {"json": {"token": "made up", "new_password": NEW_PASSWORD}},
    "start_two_factor": {"json": {"current_password": PASSWORD}},
    "confirm_two_factor": {"json": {"code": "123456"}},
    "disable_two_factor": {"json": {"current_password": PASSWORD, "code": "123456"}},
    "renew_recovery_codes": {"json": {"current_password": PASSWORD, "code": "123456"}},
    "create_api_key": {"json": {"name": "Import", "scopes": ["items:read"]}},
    "create_item": {"json": {"title": "Lamp"}},
    "create_items": {"json": {"items": [{"title": "Lamp"}]}},
    "make_predictions": {"json": {"inputs": [SEVEN]}},
    "replace_item": {"json": {"title": "Chair"}},
    "update_item": {"json": {"title": "Chair"}},
    "create_webhook": {"json": WEBHOOK},
    "update_webhook": {"json": {"is_active": False}},
    "import_items": {"content": b"title\nLamp\n"},
    "start_batch_job": {"json": {"older_than_days": 30}},
}
CSV = {"Content-Type": "text/csv"}
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
    routes -= {path for path in routes if path.startswith("/admin")}  # tests/admin_ui has a table of its own

    assert routes - {path for _, path in OPERATIONS.values()} == HIDDEN


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_each_caller_gets_what_the_table_says_and_a_refusal_changes_nothing(
    register: Register, anonymous: AsyncClient, admin: Person, database: asyncpg.Connection, operation: str
) -> None:
    other = (await register("Bob")).client
    method, path = OPERATIONS[operation]
    statuses = []
    owner: Person | None = None
    for who in CALLERS:
        if owner is None:  # nobody yet, or somebody has changed something of hers
            await database.execute("DELETE FROM users WHERE email IN ('ada@example.com', 'new@example.com')")
            owner = await register("Ada")
            names, key = await _belongings(owner)
            await database.execute("UPDATE jobs SET status = 'succeeded', finished_at = now()")
        clients = {"anonymous": anonymous, "other": other, "owner": owner.client, "admin": admin.client}
        headers = (
            ANY_VERSION
            | (CSV if operation == "import_items" else {})
            | ({"Authorization": f"Bearer {key}"} if who == "key" else {})
        )
        before = await rows(database)

        url = "http://localhost" + path.format(**names)
        call = clients.get(who, anonymous).request
        answer = await call(method, url, headers=headers, **BODIES.get(operation, {}))

        statuses.append(answer.status_code)
        assert answer.is_success or await rows(database) == before
        if answer.is_success and method != "GET":
            owner = None
    assert tuple(statuses) == EXPECTED[operation]


async def _belongings(owner: Person) -> tuple[dict[str, str], str]:
    """Something of every kind that a path can name, and a key."""
    hook = (await owner.client.post("/webhooks", json=WEBHOOK)).json()
    item = (await owner.client.post("/items", json={"title": "Lamp"})).json()
    [delivery] = (await owner.client.get(f"/webhooks/{hook['id']}/deliveries")).json()["items"]
    key = (await owner.client.post("/api-keys", json={"name": "Import", "scopes": ["items:read"]})).json()
    [session] = (await owner.client.get("/auth/sessions")).json()["items"]
    job = await owner.client.post("/items/import", content=b"title\nLamp\n", headers=CSV)
    things = {"job_id": job.json()["id"], "name": "items.archive", "number": "9999999"}
    names = things | {
        "user_id": owner.id,
        "item_id": item["id"],
        "key_id": key["id"],
        "session_id": session["id"],
        "webhook_id": hook["id"],
        "delivery_id": delivery["id"],
    }
    return names, key["key"]
