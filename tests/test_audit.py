"""The audit trail: who did what, when and from where, even when the request was refused."""

from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from tests.support import PASSWORD, Person, assert_problem

pytestmark = pytest.mark.usefixtures("empty_trail")


async def trail(admin: Person, **filters: str) -> list[dict[str, Any]]:
    """The events, oldest first."""
    answer = await admin.client.get("/audit-events", params={"sort": "created_at", "limit": 100, **filters})
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


async def test_what_people_do_with_their_account_is_remembered(ada: Person, admin: Person) -> None:
    change = {"current_password": PASSWORD, "new_password": "a staple for the battery"}
    changed = await ada.client.put("/users/me/password", json=change)
    await admin.client.patch(f"/users/{ada.id}", json={"role": "admin"})
    await ada.client.post("/auth/logout-all")

    by_ada = await trail(admin, actor_id=ada.id)

    expected = ["user.registered", "login.succeeded", "password.changed", "sessions.ended", "sessions.ended"]
    assert [event["action"] for event in by_ada] == expected
    assert by_ada[2].keys() == {
        "id",
        "created_at",
        "action",
        "actor_id",
        "target_id",
        "address",
        "request_id",
    }
    assert by_ada[2]["request_id"] == changed.headers["x-request-id"]
    assert {event["address"] for event in by_ada} == {"127.0.0.1"}
    [by_admin] = await trail(admin, action="user.changed")
    assert (by_admin["actor_id"], by_admin["target_id"]) == (admin.id, ada.id)


async def test_a_wrong_proof_is_remembered_although_it_is_refused(ada: Person, admin: Person) -> None:
    proof = {"current_password": "not the right one"}
    refused = [
        await ada.client.request("DELETE", "/users/me", json=proof),
        await ada.client.post("/auth/two-factor", json=proof),
    ]
    await ada.client.post("/auth/two-factor", json={"current_password": PASSWORD})
    refused.append(await ada.client.post("/auth/two-factor/confirm", json={"code": "no code"}))

    failures = await trail(admin, action="proof.failed")

    assert [answer.status_code for answer in refused] == [400, 400, 400]
    assert [event["request_id"] for event in failures] == [each.headers["x-request-id"] for each in refused]


async def test_a_failed_login_is_remembered_although_it_is_refused(
    anonymous: AsyncClient, ada: Person, admin: Person
) -> None:
    for email in (ada.email, "eve@example.com"):
        form = {"username": email, "password": "not the right one"}
        assert_problem(await anonymous.post("/auth/token", data=form), 401, "bad-credentials")

    failures = await trail(admin, action="login.failed")

    assert [(event["actor_id"], event["target_id"]) for event in failures] == [(None, ada.id), (None, None)]


async def test_a_change_that_is_refused_leaves_no_trace(ada: Person, admin: Person) -> None:
    answer = await admin.client.patch(f"/users/{admin.id}", json={"role": "user"})

    assert_problem(answer, 409, "last-admin")
    assert await trail(admin, action="user.changed") == []
    assert (await ada.client.get("/users/me")).status_code == 200


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"])
async def test_the_database_itself_refuses_to_change_the_trail(
    ada: Person, database: asyncpg.Connection, statement: str
) -> None:
    assert ada.id

    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await database.execute(statement)


async def test_a_deleted_account_is_gone_and_its_trail_names_nobody(
    anonymous: AsyncClient, ada: Person, admin: Person, database: asyncpg.Connection
) -> None:
    await ada.client.post("/items", json={"title": "Lamp"})
    wrong = {"current_password": "not the right one"}
    right = {"current_password": PASSWORD}

    assert_problem(await ada.client.request("DELETE", "/users/me", json=wrong), 400, "wrong-password")
    assert (await ada.client.request("DELETE", "/users/me", json=right)).status_code == 204

    assert_problem(await ada.client.get("/users/me"), 401, "invalid-token")
    form = {"username": ada.email, "password": PASSWORD}
    assert_problem(await anonymous.post("/auth/token", data=form), 401, "bad-credentials")
    assert_problem(await admin.client.get(f"/users/{ada.id}"), 404, "user-not-found")
    assert await database.fetchval("SELECT count(*) FROM items") == 0
    events = await trail(admin, actor_id=ada.id)
    expected = ["user.registered", "login.succeeded", "item.created", "proof.failed", "user.deleted"]
    assert [event["action"] for event in events] == expected
    assert [event["address"] for event in events[:-1]] == [None] * 4
    assert ada.email not in str(await database.fetch("SELECT e FROM audit_events e"))


async def test_an_administrator_deletes_an_account(ada: Person, admin: Person) -> None:
    assert (await admin.client.delete(f"/users/{ada.id}")).status_code == 204

    assert_problem(await ada.client.get("/users/me"), 401, "invalid-token")
    assert_problem(await admin.client.delete(f"/users/{ada.id}"), 404, "user-not-found")
    assert_problem(await admin.client.delete(f"/users/{admin.id}"), 409, "last-admin")
    [event] = await trail(admin, action="user.deleted")
    assert (event["actor_id"], event["target_id"]) == (admin.id, ada.id)


async def test_the_last_administrator_cannot_delete_themselves(admin: Person) -> None:
    answer = await admin.client.request("DELETE", "/users/me", json={"current_password": PASSWORD})

    assert_problem(answer, 409, "last-admin")
    assert (await admin.client.get("/users/me")).status_code == 200


async def test_the_trail_is_for_administrators(ada: Person, anonymous: AsyncClient) -> None:
    assert_problem(await ada.client.get("/audit-events"), 403, "admin-only")
    assert_problem(await anonymous.get("/audit-events"), 401, "missing-token")
