"""Administrators: finding accounts, changing roles, disabling people, and never locking everybody out."""

import asyncio

import asyncpg
import pytest
from httpx2 import AsyncClient

from tests.conftest import Register
from tests.support import Person, assert_problem


async def emails(admin: Person, query: dict[str, str]) -> list[str]:
    answer = await admin.client.get("/users", params=query)
    assert answer.status_code == 200, answer.text
    return sorted(account["email"] for account in answer.json()["items"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["ada@example.com", "bob_1%@example.com", "grace@example.com"]),
        ({"role": "admin"}, ["grace@example.com"]),
        ({"role": "user"}, ["ada@example.com", "bob_1%@example.com"]),
        ({"is_active": "false"}, ["bob_1%@example.com"]),
        ({"is_active": "true", "role": "user"}, ["ada@example.com"]),
        ({"q": "ADA"}, ["ada@example.com"]),
        ({"q": "example.com"}, ["ada@example.com", "bob_1%@example.com", "grace@example.com"]),
        ({"q": "_1%"}, ["bob_1%@example.com"]),
        ({"q": "ada@exam"}, ["ada@example.com"]),
        ({"q": "da"}, []),
        ({"q": "ada", "is_active": "false"}, []),
    ],
)
async def test_accounts_are_found_by_text_role_and_activity(
    register: Register, admin: Person, query: dict[str, str], expected: list[str]
) -> None:
    await register("Ada")
    bob = await register("Bob_1%")
    await admin.client.patch(f"/users/{bob.id}", json={"is_active": False})

    assert await emails(admin, query) == expected


async def test_a_promotion_and_a_demotion_act_on_the_next_request(ada: Person, admin: Person) -> None:
    assert_problem(await ada.client.get("/users"), 403, "admin-only")

    promoted = await admin.client.patch(f"/users/{ada.id}", json={"role": "admin"})
    assert (promoted.status_code, promoted.json()["role"]) == (200, "admin")
    assert (await ada.client.get("/users")).status_code == 200

    await admin.client.patch(f"/users/{ada.id}", json={"role": "user"})
    assert_problem(await ada.client.get("/users"), 403, "admin-only")


async def test_a_disabled_account_is_out_at_once_and_back_when_enabled(ada: Person, admin: Person) -> None:
    disabled = await admin.client.patch(f"/users/{ada.id}", json={"is_active": False})
    assert (disabled.status_code, disabled.json()["is_active"]) == (200, False)

    refused = await ada.client.get("/users/me")
    assert_problem(refused, 401, "invalid-token")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'

    await admin.client.patch(f"/users/{ada.id}", json={"is_active": True})
    await ada.log_in()
    assert ada.profile["is_active"] is True


@pytest.mark.parametrize(
    "change", [{"role": "user"}, {"is_active": False}, {"role": "user", "is_active": False}]
)
async def test_the_last_administrator_cannot_be_demoted_or_disabled(
    admin: Person, ada: Person, change: dict[str, object]
) -> None:
    assert_problem(await admin.client.patch(f"/users/{admin.id}", json=change), 409, "last-admin")
    assert (await admin.client.get("/users/me")).json() == admin.profile

    await admin.client.patch(f"/users/{ada.id}", json={"role": "admin"})
    assert (await admin.client.patch(f"/users/{admin.id}", json=change)).status_code == 200


async def test_a_disabled_administrator_does_not_count_as_one(admin: Person, ada: Person) -> None:
    await admin.client.patch(f"/users/{ada.id}", json={"role": "admin", "is_active": False})

    assert_problem(await admin.client.patch(f"/users/{admin.id}", json={"role": "user"}), 409, "last-admin")


async def test_two_administrators_who_demote_each_other_at_once_do_not_both_succeed(
    admin: Person, register: Register, database: asyncpg.Connection
) -> None:
    ada = await register("Ada")
    for _ in range(10):  # each round is one chance to lose the race
        await database.execute("UPDATE users SET role = 'admin'")

        answers = await asyncio.gather(
            admin.client.patch(f"/users/{ada.id}", json={"role": "user"}),
            ada.client.patch(f"/users/{admin.id}", json={"role": "user"}),
        )

        assert min(answer.status_code for answer in answers) == 200
        assert await database.fetchval("SELECT count(*) FROM users WHERE role = 'admin'") == 1


async def test_an_unknown_account_is_not_found(admin: Person) -> None:
    path = "/users/0198c0de-0000-7000-8000-000000000000"

    assert_problem(await admin.client.get(path), 404, "user-not-found")
    assert_problem(await admin.client.patch(path, json={"role": "user"}), 404, "user-not-found")


async def test_administration_needs_a_login(anonymous: AsyncClient, ada: Person) -> None:
    assert_problem(await anonymous.get("/users"), 401, "missing-token")
    assert_problem(await anonymous.patch(f"/users/{ada.id}", json={"role": "admin"}), 401, "missing-token")
