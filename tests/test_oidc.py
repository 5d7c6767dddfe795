"""Logging in with an OpenID Connect provider: a real one, and a browser that goes there and comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import asyncpg
import pytest
from httpx2 import AsyncClient, Response
from starlette.types import ASGIApp

from app.core.config import Settings
from tests.browsing import GRACE, log_in, oidc_settings, open_browser, way_back
from tests.oidc_provider import CLIENT_ID, REDIRECT_URL, provider
from tests.support import Person, assert_problem, make_settings

pytestmark = pytest.mark.usefixtures("empty_trail")


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    with provider() as running:
        yield running.issuer


@pytest.fixture
def settings(database_url: str, issuer: str) -> Settings:
    return make_settings(database_url, oidc=oidc_settings(issuer))


@pytest.fixture
async def browser(service: ASGIApp) -> AsyncIterator[AsyncClient]:
    async with open_browser(service) as browser:
        yield browser


async def who_am_i(browser: AsyncClient, answer: Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    me: dict[str, Any] = (await browser.get("/users/me", headers={"Authorization": f"Bearer {token}"})).json()
    return me


async def events(database: asyncpg.Connection, *actions: str) -> list[asyncpg.Record]:
    query = (
        "SELECT action, actor_id::text, target_id::text FROM audit_events WHERE action = ANY($1) ORDER BY id"
    )
    return list(await database.fetch(query, actions))


async def linked(database: asyncpg.Connection) -> int:
    return int(await database.fetchval("SELECT count(*) FROM oidc_identities"))


async def verify(database: asyncpg.Connection, person: Person) -> None:
    await database.execute("UPDATE users SET email_verified = true WHERE email = $1", person.email)


async def test_somebody_new_gets_an_account_and_a_session(
    browser: AsyncClient, database: asyncpg.Connection
) -> None:
    answer = await log_in(browser, GRACE)

    me = await who_am_i(browser, answer)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "refresh_expires_in",
    }
    assert (me["email"], me["name"], me["role"]) == ("Grace@example.com", "Grace Hopper", "user")
    assert me["email_verified"]
    happened = await events(database, "user.registered", "identity.linked", "login.succeeded", "login.failed")
    assert [each["action"] for each in happened] == ["user.registered", "identity.linked", "login.succeeded"]
    assert {each["actor_id"] for each in happened} == {me["id"]}


async def test_no_token_is_ever_in_an_address(browser: AsyncClient) -> None:
    answer = await log_in(browser, GRACE)

    tokens = answer.json()
    visited = " ".join(str(each.url) for each in [*answer.history, answer])
    assert "code=" in visited
    assert tokens["access_token"] not in visited
    assert tokens["refresh_token"] not in visited


async def test_who_comes_again_finds_their_account_even_with_another_address(browser: AsyncClient) -> None:
    first = await who_am_i(browser, await log_in(browser, GRACE))

    moved = GRACE | {"email": "hopper@example.com", "email_verified": False}
    second = await who_am_i(browser, await log_in(browser, moved))

    assert second["id"] == first["id"]
    assert second["email"] == first["email"]


async def test_the_way_to_the_provider_carries_state_nonce_and_challenge(
    browser: AsyncClient, issuer: str, database: asyncpg.Connection
) -> None:
    departure = await browser.get("/auth/oidc/login", follow_redirects=False)

    there = urlsplit(departure.headers["location"])
    asked = {name: each[0] for name, each in parse_qs(there.query).items()}
    assert departure.status_code == 303
    assert departure.headers["cache-control"] == "no-store"
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{issuer}/authorize"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == REDIRECT_URL
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == len(asked["state"]) == len(asked["nonce"]) == 43
    assert asked["scope"].split() == ["openid", "email", "profile"]
    assert asked["state"] not in str(await database.fetch("SELECT l FROM oidc_logins l"))


async def test_the_cookie_of_a_login_is_out_of_reach_of_scripts_and_of_other_sites(
    browser: AsyncClient,
) -> None:
    departure = await browser.get("/auth/oidc/login", follow_redirects=False)

    name, *rest = departure.headers["set-cookie"].split("; ")
    assert name.startswith("oidc_login=")
    assert set(rest) == {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=lax"}


@pytest.mark.parametrize(
    ("changed", "status", "kind"),
    [
        ("code_challenge", 401, "oidc-login-refused"),
        ("nonce", 401, "oidc-login-refused"),
        ("state", 400, "oidc-login-expired"),
    ],
)
async def test_a_login_that_was_tampered_with_on_the_way_fails(
    browser: AsyncClient, database: asyncpg.Connection, changed: str, status: int, kind: str
) -> None:
    back = await way_back(browser, GRACE, **{changed: "x" * 43})

    assert_problem(await browser.get(back), status, kind)
    assert await database.fetchval("SELECT count(*) FROM users") == 0
    assert len(await events(database, "login.failed")) == 1


async def test_a_way_back_works_once(browser: AsyncClient) -> None:
    back = await way_back(browser, GRACE)

    answers = await asyncio.gather(*(browser.get(back) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
    assert_problem(await browser.get(back), 400, "oidc-login-expired")


async def test_a_failed_attempt_uses_the_state_up(browser: AsyncClient) -> None:
    back = urlsplit(await way_back(browser, GRACE))
    guessed = urlencode({"state": parse_qs(back.query)["state"][0], "code": "guessed"})

    assert_problem(await browser.get(back._replace(query=guessed).geturl()), 401, "oidc-login-refused")

    assert_problem(await browser.get(back.geturl()), 400, "oidc-login-expired")


async def test_the_code_of_another_login_is_worth_nothing(service: ASGIApp, browser: AsyncClient) -> None:
    async with open_browser(service) as attacker:
        stolen = parse_qs(urlsplit(await way_back(browser, GRACE)).query)["code"][0]
        own = urlsplit(await way_back(attacker, GRACE | {"sub": "m-1"}))
        injected = urlencode({"state": parse_qs(own.query)["state"][0], "code": stolen})

        answer = await attacker.get(own._replace(query=injected).geturl())

        assert_problem(answer, 401, "oidc-login-refused")


async def test_a_way_back_works_in_no_other_browser(service: ASGIApp, browser: AsyncClient) -> None:
    back = await way_back(browser, GRACE)
    async with open_browser(service) as victim:
        assert_problem(await victim.get(back), 400, "oidc-login-expired")
        await way_back(victim, GRACE)  # with a cookie, but of another login
        assert_problem(await victim.get(back), 400, "oidc-login-expired")

    assert (await browser.get(back)).status_code == 200


async def test_a_login_takes_ten_minutes_at_most_and_old_ones_are_swept_away(
    browser: AsyncClient, database: asyncpg.Connection
) -> None:
    back = await way_back(browser, GRACE)
    await database.execute("UPDATE oidc_logins SET expires_at = expires_at - interval '10 minutes'")

    assert_problem(await browser.get(back), 400, "oidc-login-expired")

    await browser.get("/auth/oidc/login", follow_redirects=False)
    assert await database.fetchval("SELECT count(*) FROM oidc_logins") == 1


@pytest.mark.parametrize("verified", [False, None, "true", 1, "left out"])
async def test_an_address_that_the_provider_does_not_vouch_for_links_and_makes_nothing(
    browser: AsyncClient, ada: Person, database: asyncpg.Connection, verified: object
) -> None:
    await verify(database, ada)
    for email in (ada.email, "new@example.com"):
        person = {"sub": "a-1", "email": email, "email_verified": verified}

        assert_problem(await log_in(browser, person), 403, "unverified-identity")

    assert await database.fetchval("SELECT count(*) FROM users") == 1
    assert await linked(database) == 0
    assert len(await events(database, "login.failed")) == 2


@pytest.mark.parametrize(
    "email",
    [None, 7, "", "not an address", "\u0430da@example.com", "a\x00@example.com", "\ud800@example.com"],
)
async def test_what_is_no_address_makes_no_account(
    browser: AsyncClient, database: asyncpg.Connection, email: object
) -> None:
    person = {"sub": "a-1", "email": email, "email_verified": True}

    assert_problem(await log_in(browser, person), 403, "unverified-identity")
    assert await database.fetchval("SELECT count(*) FROM users") == 0


async def test_an_account_whose_own_address_is_unconfirmed_is_not_linked(
    browser: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    person = {"sub": "a-1", "email": ada.email, "email_verified": True}

    refused = await log_in(browser, person)

    assert_problem(refused, 409, "account-not-linked")
    assert await linked(database) == 0
    [failure] = await events(database, "login.failed")
    assert failure["target_id"] == ada.id

    await verify(database, ada)
    assert (await who_am_i(browser, await log_in(browser, person)))["id"] == ada.id


async def test_an_account_of_the_same_confirmed_address_is_linked_and_keeps_its_password(
    browser: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    await verify(database, ada)

    me = await who_am_i(
        browser, await log_in(browser, {"sub": "a-1", "email": "ADA@example.com", "email_verified": True})
    )

    assert me["id"] == ada.id
    [event] = await events(database, "identity.linked")
    assert (event["actor_id"], event["target_id"]) == (ada.id, ada.id)
    assert [each["action"] for each in await events(database, "user.registered")] == ["user.registered"]
    await ada.log_in()


async def test_who_gets_a_used_address_at_the_provider_does_not_get_its_account(
    browser: AsyncClient, database: asyncpg.Connection
) -> None:
    first = await who_am_i(browser, await log_in(browser, GRACE))

    assert_problem(await log_in(browser, GRACE | {"sub": "g-2"}), 409, "account-not-linked")

    assert (await who_am_i(browser, await log_in(browser, GRACE)))["id"] == first["id"]
    assert await linked(database) == 1


@pytest.mark.parametrize("known", ["linked", "by address"])
async def test_a_disabled_account_stays_closed(
    browser: AsyncClient, ada: Person, database: asyncpg.Connection, known: str
) -> None:
    person = {"sub": "a-1", "email": ada.email, "email_verified": True}
    await verify(database, ada)
    if known == "linked":
        await log_in(browser, person)
    before = await linked(database)
    await database.execute("UPDATE users SET is_active = false")

    assert_problem(await log_in(browser, person), 403, "account-disabled")

    assert await linked(database) == before
    [failure] = await events(database, "login.failed")
    assert (failure["actor_id"], failure["target_id"]) == (None, ada.id)


async def test_a_deleted_account_takes_its_identity_along(
    browser: AsyncClient, ada: Person, database: asyncpg.Connection
) -> None:
    person = {"sub": "a-1", "email": ada.email, "email_verified": True}
    await verify(database, ada)
    await log_in(browser, person)

    await ada.client.request("DELETE", "/users/me", json={"current_password": ada.password})

    assert await linked(database) == 0
    assert (await who_am_i(browser, await log_in(browser, person)))["id"] != ada.id


@pytest.mark.parametrize(
    "forgery",
    [
        {"claims": {"aud": "somebody-else"}},
        {"claims": {"aud": "somebody-else", "azp": CLIENT_ID}},
        {"claims": {"aud": ["somebody-else", CLIENT_ID]}},  # and no azp
        {"claims": {"azp": "somebody-else"}},
        {"claims": {"aud": "left out"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"iss": "left out"}},
        {"claims": {"exp": 1_000_000_000}},
        {"claims": {"exp": "9999999999"}},
        {"claims": {"exp": "left out"}},
        {"claims": {"iat": 9_999_999_999}},
        {"claims": {"nonce": "left out"}},
        {"claims": {"nonce": None}},
        {"claims": {"at_hash": "of another access token"}},
        {"claims": {"at_hash": 7}},
        {"claims": {"sub": "left out"}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": 7}},
        {"claims": {"sub": "a\x00b"}},
        {"claims": {"sub": "\ud800"}},
        {"claims": {"sub": "x" * 256}},
        {"signed": "by a stranger"},
        {"signed": "with the public key as a secret"},
        {"signed": "with the client's secret"},
        {"signed": "not at all"},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_in_order_is_refused(
    browser: AsyncClient, database: asyncpg.Connection, forgery: dict[str, Any]
) -> None:
    refused = assert_problem(await log_in(browser, GRACE, **forgery), 401, "oidc-login-refused")

    assert refused["detail"] == "What the provider says about you is not valid."
    assert await database.fetchval("SELECT count(*) FROM users") == 0
    assert len(await events(database, "login.failed")) == 1


async def test_the_provider_may_change_its_key(browser: AsyncClient) -> None:
    await log_in(browser, GRACE)

    answer = await log_in(browser, GRACE, signed="by a new key")

    assert answer.status_code == 200


async def test_address_and_name_may_come_from_the_user_info_endpoint(browser: AsyncClient) -> None:
    me = await who_am_i(browser, await log_in(browser, GRACE, thin=True))

    assert (me["email"], me["name"]) == ("Grace@example.com", "Grace Hopper")


async def test_user_info_about_another_user_is_refused(browser: AsyncClient) -> None:
    answer = await log_in(browser, GRACE, thin=True, userinfo={"sub": "m-1"})

    refused = assert_problem(answer, 401, "oidc-login-refused")
    assert refused["detail"] == "What the provider says about you is not valid."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Zoë  ", "Zoë"),
        (None, "Grace"),
        ("", "Grace"),
        ("x" * 101, "Grace"),
        ("a\x00b", "Grace"),
        ("\ud800", "Grace"),
    ],
)
async def test_a_name_that_we_cannot_keep_gives_way_to_the_address(
    browser: AsyncClient, name: object, shown: str
) -> None:
    me = await who_am_i(browser, await log_in(browser, GRACE | {"name": name}))

    assert me["name"] == shown


async def test_two_first_logins_at_once_make_one_account(
    service: ASGIApp, browser: AsyncClient, database: asyncpg.Connection
) -> None:
    async with open_browser(service) as other:
        answers = await asyncio.gather(*(log_in(each, GRACE) for each in (browser, other)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    assert await database.fetchval("SELECT count(*) FROM users") == await linked(database) == 1
    assert (await log_in(browser, GRACE)).status_code == 200


async def test_who_says_no_at_the_provider_is_not_logged_in(
    browser: AsyncClient, database: asyncpg.Connection
) -> None:
    assert_problem(await log_in(browser, GRACE, denied=True), 401, "oidc-login-refused")

    assert [each["action"] for each in await events(database, "login.failed")] == ["login.failed"]


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        ({"error": "<script>canary</script>"}, 401, "oidc-login-refused"),
        ({"error": "access_denied", "error_description": "canary\r\ncanary"}, 401, "oidc-login-refused"),
        ({"code": "canary", "error": "canary"}, 401, "oidc-login-refused"),
        ({"code": "canary\x00\ud800"}, 422, "validation-failed"),
        ({"code": "canary" * 1000}, 422, "validation-failed"),
        ({}, 401, "oidc-login-refused"),
    ],
)
async def test_whatever_else_a_browser_comes_back_with_is_a_problem_that_repeats_nothing(
    browser: AsyncClient, sent: dict[str, str], status: int, kind: str
) -> None:
    state = parse_qs(urlsplit(await way_back(browser, GRACE)).query)["state"][0]
    query = urlencode({"state": state, **sent}, errors="surrogatepass")

    answer = await browser.get(f"/auth/oidc/callback?{query}")

    assert_problem(answer, status, kind)
    assert "canary" not in answer.text
    assert state not in answer.text


async def test_parameters_that_a_provider_adds_of_its_own_do_no_harm(browser: AsyncClient) -> None:
    back = await way_back(browser, GRACE)

    answer = await browser.get(f"{back}&session_state=7&hd=example.com&prompt=none")

    assert answer.status_code == 200


async def test_an_answer_that_names_another_issuer_is_refused(browser: AsyncClient, issuer: str) -> None:
    right = await browser.get(await way_back(browser, GRACE) + f"&iss={issuer}")
    wrong = await browser.get(await way_back(browser, GRACE) + "&iss=https://evil.example")

    assert right.status_code == 200
    assert_problem(wrong, 401, "oidc-login-refused")
