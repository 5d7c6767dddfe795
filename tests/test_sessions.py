"""Login sessions: refresh tokens, log-out, and what ends a session at once."""

import asyncio
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response

from tests.support import PASSWORD, Person, assert_problem

LONG_AGO = "used_at = used_at - interval '1 minute'"


async def log_in(client: AsyncClient, person: Person, **headers: str) -> dict[str, Any]:
    form = {"username": person.email, "password": person.password}
    answer = await client.post("/auth/token", data=form, headers=headers)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def refresh(client: AsyncClient, tokens: dict[str, Any]) -> Response:
    return await client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})


async def who_am_i(client: AsyncClient, tokens: dict[str, Any]) -> Response:
    return await client.get("/users/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


async def test_a_refresh_token_gets_new_tokens_and_keeps_the_session(
    anonymous: AsyncClient, ada: Person
) -> None:
    first = await log_in(anonymous, ada)

    second = await refresh(anonymous, first)

    assert second.status_code == 200
    assert second.json().keys() == first.keys()
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert (second.json()["expires_in"], second.json()["refresh_expires_in"]) == (900, 30 * 24 * 3600)
    assert (await who_am_i(anonymous, second.json())).json()["id"] == ada.id


async def test_a_replayed_refresh_token_ends_the_whole_family_for_good(
    anonymous: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    first = await log_in(anonymous, ada)
    second = (await refresh(anonymous, first)).json()
    await database.execute(f"UPDATE refresh_tokens SET {LONG_AGO}")  # noqa: S608 - a constant

    assert_problem(await refresh(anonymous, first), 401, "refresh-token-reused")

    assert_problem(await refresh(anonymous, second), 401, "invalid-refresh-token")
    assert_problem(await who_am_i(anonymous, second), 401, "invalid-token")
    assert (await ada.client.get("/users/me")).status_code == 200  # the other login is not of this family


async def test_a_lost_answer_may_be_asked_for_again_for_a_moment(anonymous: AsyncClient, ada: Person) -> None:
    first = await log_in(anonymous, ada)
    lost = (await refresh(anonymous, first)).json()

    again = await refresh(anonymous, first)

    assert again.json()["refresh_token"] == lost["refresh_token"]
    assert (await refresh(anonymous, again.json())).status_code == 200


async def test_a_token_whose_successor_was_used_is_a_replay_even_in_that_moment(
    anonymous: AsyncClient, ada: Person
) -> None:
    first = await log_in(anonymous, ada)
    second = (await refresh(anonymous, first)).json()
    third = (await refresh(anonymous, second)).json()

    assert_problem(await refresh(anonymous, first), 401, "refresh-token-reused")

    assert_problem(await refresh(anonymous, third), 401, "invalid-refresh-token")


async def test_twenty_parallel_refreshes_leave_one_token_alive(
    anonymous: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    first = await log_in(anonymous, ada)

    answers = await asyncio.gather(*(refresh(anonymous, first) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    family = "session_id = (SELECT session_id FROM refresh_tokens WHERE used_at IS NOT NULL)"
    unused = f"SELECT count(*) FROM refresh_tokens WHERE used_at IS NULL AND {family}"  # noqa: S608
    assert await database.fetchval(unused) == 1


@pytest.mark.parametrize("token", ["", "x", "swr_" + "0" * 64, "\x00", "ü" * 100])
async def test_a_made_up_refresh_token_is_refused(anonymous: AsyncClient, token: str) -> None:
    assert_problem(await refresh(anonymous, {"refresh_token": token}), 401, "invalid-refresh-token")


async def test_an_access_token_is_no_refresh_token_nor_the_reverse(
    anonymous: AsyncClient, ada: Person
) -> None:
    tokens = await log_in(anonymous, ada)
    swapped = {"access_token": tokens["refresh_token"], "refresh_token": tokens["access_token"][:200]}

    assert_problem(await who_am_i(anonymous, swapped), 401, "invalid-token")
    assert_problem(await refresh(anonymous, swapped), 401, "invalid-refresh-token")


async def test_refresh_tokens_are_stored_hashed(
    anonymous: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    tokens = await log_in(anonymous, ada)

    rows = str(await database.fetch("SELECT r, s FROM refresh_tokens r, login_sessions s"))

    assert tokens["refresh_token"] not in rows
    assert tokens["refresh_token"].removeprefix("swr_") not in rows


async def test_logging_out_ends_the_session_at_once_and_no_other(anonymous: AsyncClient, ada: Person) -> None:
    tokens = await log_in(anonymous, ada)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert (await anonymous.post("/auth/logout", headers=bearer)).status_code == 204

    assert_problem(await who_am_i(anonymous, tokens), 401, "invalid-token")
    assert_problem(await refresh(anonymous, tokens), 401, "invalid-refresh-token")
    assert (await ada.client.get("/users/me")).status_code == 200


async def test_logging_out_with_a_refresh_token_ends_its_session_too_but_nobody_elses(
    anonymous: AsyncClient, ada: Person, bob: Person
) -> None:
    mine, not_mine = await log_in(anonymous, ada), await log_in(anonymous, bob)

    for tokens in (not_mine, mine):
        await ada.log_in()
        body = {"refresh_token": tokens["refresh_token"]}
        assert (await ada.client.post("/auth/logout", json=body)).status_code == 204

    assert_problem(await who_am_i(anonymous, mine), 401, "invalid-token")
    assert (await who_am_i(anonymous, not_mine)).status_code == 200


async def test_logging_out_everywhere_ends_every_session(anonymous: AsyncClient, ada: Person) -> None:
    tokens = await log_in(anonymous, ada)

    assert (await ada.client.post("/auth/logout-all")).status_code == 204

    assert_problem(await ada.client.get("/users/me"), 401, "invalid-token")
    assert_problem(await refresh(anonymous, tokens), 401, "invalid-refresh-token")


async def test_sessions_are_listed_with_their_device_until_they_end(
    anonymous: AsyncClient, ada: Person, bob: Person
) -> None:
    await log_in(anonymous, ada, **{"User-Agent": "Lamp/1.0 " + "x" * 500})

    sessions = (await ada.client.get("/auth/sessions")).json()["items"]

    assert len(sessions) == 2
    assert sessions[0].keys() == {"id", "device", "created_at", "last_used_at", "expires_at"}
    assert sessions[0]["device"] == "Lamp/1.0 " + "x" * 191
    path = f"/auth/sessions/{sessions[0]['id']}"
    assert_problem(await bob.client.delete(path), 404, "session-not-found")
    assert (await ada.client.delete(path)).status_code == 204
    assert_problem(await ada.client.delete(path), 404, "session-not-found")
    assert [each["id"] for each in (await ada.client.get("/auth/sessions")).json()["items"]] == [
        sessions[1]["id"]
    ]


async def test_a_new_password_ends_every_other_session(anonymous: AsyncClient, ada: Person) -> None:
    other = await log_in(anonymous, ada)
    change = {"current_password": PASSWORD, "new_password": "a staple for the battery"}

    assert (await ada.client.put("/users/me/password", json=change)).status_code == 204

    assert_problem(await who_am_i(anonymous, other), 401, "invalid-token")
    assert_problem(await refresh(anonymous, other), 401, "invalid-refresh-token")
    assert (await ada.client.get("/users/me")).status_code == 200
    old = {"username": ada.email, "password": PASSWORD}
    assert_problem(await anonymous.post("/auth/token", data=old), 401, "bad-credentials")
    ada.password = change["new_password"]
    await ada.log_in()


@pytest.mark.parametrize(
    ("field", "password", "status", "kind"),
    [
        ("current_password", "not the right one", 400, "wrong-password"),
        ("new_password", "too short", 422, "validation-failed"),
        ("new_password", "Password1234567", 422, "guessable-password"),
        ("new_password", "ada@example.com", 422, "guessable-password"),
    ],
)
async def test_a_refused_new_password_changes_nothing(
    ada: Person, field: str, password: str, status: int, kind: str
) -> None:
    body = {"current_password": PASSWORD, "new_password": "a staple for the battery", field: password}

    problem = assert_problem(await ada.client.put("/users/me/password", json=body), status, kind)

    assert [each["pointer"] for each in problem["errors"]] == [f"/{field}"]
    await ada.log_in()


async def test_a_disabled_user_cannot_refresh(anonymous: AsyncClient, ada: Person, admin: Person) -> None:
    tokens = await log_in(anonymous, ada)

    await admin.client.patch(f"/users/{ada.id}", json={"is_active": False})

    assert_problem(await refresh(anonymous, tokens), 401, "invalid-refresh-token")
    assert_problem(await who_am_i(anonymous, tokens), 401, "invalid-token")


async def test_an_expired_session_is_over(
    anonymous: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    tokens = await log_in(anonymous, ada)

    await database.execute("UPDATE login_sessions SET expires_at = now()")

    assert_problem(await refresh(anonymous, tokens), 401, "invalid-refresh-token")
    assert_problem(await who_am_i(anonymous, tokens), 401, "invalid-token")
