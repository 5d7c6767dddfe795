"""Accounts: registering, and what people can do with their own."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from tests.conftest import Register
from tests.processes import eventually, is_blocked
from tests.support import PASSWORD, Person, assert_problem

ADA = {"email": "Ada@example.com", "password": PASSWORD, "name": "Ada Lovelace", "age": 36}


async def test_registering_answers_with_the_account_and_its_place_and_never_a_password(
    anonymous: AsyncClient,
) -> None:
    answer = await anonymous.post("/users", json=ADA)

    assert answer.status_code == 201
    account = answer.json()
    assert answer.headers["location"] == f"/api/v1/users/{account['id']}"
    assert {name: account.pop(name) for name in ("email", "name", "age")} == {
        "email": "Ada@example.com",
        "name": "Ada Lovelace",
        "age": 36,
    }
    assert (account.pop("role"), account.pop("is_active"), account.pop("email_verified")) == (
        "user",
        True,
        False,
    )
    assert account.pop("two_factor") is False
    assert set(account) == {"id", "created_at", "updated_at"}


async def test_an_account_needs_no_age(anonymous: AsyncClient) -> None:
    answer = await anonymous.post("/users", json={name: ADA[name] for name in ("email", "password", "name")})

    assert (answer.status_code, answer.json()["age"]) == (201, None)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada@example.com", "ADA@Example.COM"),
        ("ada@example.com", " ada@example.com "),
        ("ada@example.com", "ａｄａ@ｅｘａｍｐｌｅ.com"),  # noqa: RUF001 - full-width letters are the point
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@BÜCHER.example"),
    ],
)
async def test_an_address_is_taken_in_every_spelling(
    anonymous: AsyncClient, database: asyncpg.Connection, first: str, second: str
) -> None:
    assert (await anonymous.post("/users", json=ADA | {"email": first})).status_code == 201

    assert_problem(await anonymous.post("/users", json=ADA | {"email": second}), 409, "email-taken")
    assert await database.fetchval("SELECT count(*) FROM users") == 1


async def test_two_people_at_one_provider_are_two_accounts(anonymous: AsyncClient) -> None:
    for email in ("ada@example.com", "a.da@example.com", "ada+lists@example.com", "ada@example.org"):
        assert (await anonymous.post("/users", json=ADA | {"email": email})).status_code == 201


async def test_of_twelve_concurrent_registrations_with_one_address_one_succeeds(
    anonymous: AsyncClient, database: asyncpg.Connection
) -> None:
    spellings = ["ada@example.com", "ADA@EXAMPLE.COM", "Ada@Example.com"] * 4

    answers = await asyncio.gather(
        *(anonymous.post("/users", json=ADA | {"email": each}) for each in spellings)
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 11}
    assert await database.fetchval("SELECT count(*) FROM users") == 1


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"email": "ada"}, "/email", "email"),
        ({"email": "ada@"}, "/email", "email"),
        ({"email": "аda@example.com"}, "/email", "email"),  # noqa: RUF001 - a Cyrillic letter is the point
        ({"email": "ada@example.com\nbcc: bob@example.com"}, "/email", "email"),
        ({"email": "a" * 250 + "@example.com"}, "/email", "string_too_long"),
        ({"email": ["ada@example.com"]}, "/email", "string_type"),
        ({"name": "   "}, "/name", "string_too_short"),
        ({"name": "x" * 101}, "/name", "string_too_long"),
        ({"name": "Ada\nLovelace"}, "/name", "control_characters"),
        ({"age": -1}, "/age", "greater_than_equal"),
        ({"age": 151}, "/age", "less_than_equal"),
        ({"age": "36"}, "/age", "int_type"),
        ({"age": True}, "/age", "int_type"),
        ({"nickname": "Countess"}, "/nickname", "extra_forbidden"),
    ],
)
async def test_a_bad_registration_is_refused_with_a_pointer_to_the_mistake(
    anonymous: AsyncClient, database: asyncpg.Connection, change: dict[str, Any], pointer: str, code: str
) -> None:
    problem = assert_problem(await anonymous.post("/users", json=ADA | change), 422, "validation-failed")

    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]
    assert await database.fetchval("SELECT count(*) FROM users") == 0


async def test_people_change_their_own_name_and_age_and_nothing_else(ada: Person) -> None:
    changed = (await ada.client.patch("/users/me", json={"name": " Countess of Lovelace ", "age": 36})).json()

    expected = ada.profile | {"name": "Countess of Lovelace", "age": 36, "updated_at": changed["updated_at"]}
    assert changed == expected == (await ada.client.get("/users/me")).json()
    assert changed["updated_at"] > ada.profile["updated_at"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"age": None}, {"name": "Ada", "age": None}),
        ({"name": "Countess"}, {"name": "Countess", "age": 36}),
        ({}, {"name": "Ada", "age": 36}),
    ],
)
async def test_a_field_left_out_of_a_patch_stays_and_null_removes_the_age(
    ada: Person, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    await ada.client.patch("/users/me", json={"age": 36})

    changed = (await ada.client.patch("/users/me", json=change)).json()

    assert {name: changed[name] for name in expected} == expected


async def test_a_name_cannot_be_removed(ada: Person) -> None:
    problem = assert_problem(
        await ada.client.patch("/users/me", json={"name": None}), 422, "validation-failed"
    )

    assert problem["errors"][0]["pointer"] == "/name"
    assert (await ada.client.get("/users/me")).json() == ada.profile


async def test_an_account_of_somebody_elses_is_for_administrators(register: Register, admin: Person) -> None:
    ada, bob = await register("Ada"), await register("Bob")

    assert (await admin.client.get(f"/users/{ada.id}")).json() == ada.profile
    assert_problem(await bob.client.get(f"/users/{ada.id}"), 403, "admin-only")


async def test_a_change_that_waited_for_the_account_to_be_erased_finds_none(
    ada: Person, database: asyncpg.Connection
) -> None:
    async with database.transaction():
        await database.execute("DELETE FROM users WHERE id = $1", ada.id)
        change = asyncio.create_task(ada.client.patch("/users/me", json={"name": "Countess"}))
        await eventually(lambda: is_blocked(database))

    assert_problem(await change, 404, "user-not-found")
