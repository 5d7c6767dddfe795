"""Logging in: what a token is, and that a refusal tells nobody which accounts exist."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import jwt
import pytest
from httpx2 import AsyncClient, Response

from app.core.config import Settings
from app.core.passwords import PasswordHasher
from app.main import create_app
from tests.support import PASSWORD, Person, assert_problem, make_settings, open_client, running

WRONG = "wrong horse battery"
REALISTIC_HASHING = {"argon2_memory_kib": 32768, "argon2_passes": 2, "hashing_threads": 1}


async def log_in(client: AsyncClient, username: str, password: str = PASSWORD, **fields: str) -> Response:
    return await client.post("/auth/token", data={"username": username, "password": password, **fields})


async def test_logging_in_gives_a_bearer_token_of_fifteen_minutes(
    anonymous: AsyncClient, ada: Person
) -> None:
    answer = await log_in(anonymous, ada.email, grant_type="password", scope="", client_id="docs")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("bearer", 900)
    assert token.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"}
    authorization = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await anonymous.get("/users/me", headers=authorization)).json() == ada.profile


async def test_a_token_names_its_user_and_its_session_and_says_nothing_personal(
    anonymous: AsyncClient, ada: Person
) -> None:
    tokens = [(await log_in(anonymous, ada.email)).json()["access_token"] for _ in range(2)]

    header = jwt.get_unverified_header(tokens[0])
    first, second = (jwt.decode(token, options={"verify_signature": False}) for token in tokens)
    assert header == {"typ": "at+jwt", "alg": "HS256"}
    assert set(first) == {"iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"}
    assert first["sub"] == second["sub"] == ada.id
    assert first["sid"] != second["sid"]
    assert first["jti"] != second["jti"]
    assert first["exp"] - first["iat"] == 900


@pytest.mark.parametrize("spelling", ["ADA@EXAMPLE.COM", " ada@example.com ", "ａｄａ@example.com"])  # noqa: RUF001
async def test_any_spelling_of_the_address_logs_in(
    anonymous: AsyncClient, ada: Person, spelling: str
) -> None:
    answer = await log_in(anonymous, spelling)

    token = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert token["sub"] == ada.id


async def test_every_refusal_looks_the_same_whoever_it_is_about(
    anonymous: AsyncClient, ada: Person, bob: Person, admin: Person
) -> None:
    await admin.client.patch(f"/users/{bob.id}", json={"is_active": False})
    refusals = [
        await log_in(anonymous, ada.email, WRONG),
        await log_in(anonymous, "nobody@example.com"),
        await log_in(anonymous, "no address"),
        await log_in(anonymous, bob.email),
        await log_in(anonymous, bob.email, WRONG),
    ]

    for refusal in refusals:
        assert_problem(refusal, 401, "bad-credentials")
    assert len({_without_request_id(refusal) for refusal in refusals}) == 1


def _without_request_id(answer: Response) -> str:
    name = answer.headers["x-request-id"]
    headers = [pair for pair in answer.headers.items() if pair[0] != "ratelimit"]  # counts each refusal
    return "\n".join([str(answer.status_code), *map(str, headers), answer.text]).replace(name, "")


@pytest.mark.parametrize(
    ("scheme", "kind"),
    [("", "missing-token"), ("Basic", "missing-token"), ("Token", "missing-token"), ("bearer", None)],
)
async def test_only_the_bearer_scheme_is_read(
    anonymous: AsyncClient, ada: Person, scheme: str, kind: str | None
) -> None:
    token = ada.client.headers["Authorization"].removeprefix("Bearer ")

    answer = await anonymous.get("/users/me", headers={"Authorization": f"{scheme} {token}"})

    if kind is None:
        assert answer.json() == ada.profile
    else:
        assert_problem(answer, 401, kind)


@pytest.mark.parametrize(
    "end", ["UPDATE login_sessions SET ended_at = now()", "UPDATE login_sessions SET expires_at = now()"]
)
async def test_a_token_ends_with_its_session(ada: Person, database: asyncpg.Connection, end: str) -> None:
    await database.execute(end)

    assert_problem(await ada.client.get("/users/me"), 401, "invalid-token")


@pytest.mark.parametrize(
    ("form", "pointer", "code"),
    [
        ({"username": "ada@example.com"}, "/password", "missing"),
        ({"password": PASSWORD}, "/username", "missing"),
        ({"username": "ada@example.com", "password": "x" * 257}, "/password", "too_long"),
        (
            {"username": "ada@example.com", "password": PASSWORD, "grant_type": "magic"},
            "/grant_type",
            "literal_error",
        ),
    ],
)
async def test_an_incomplete_login_is_refused(
    anonymous: AsyncClient, form: dict[str, str], pointer: str, code: str
) -> None:
    problem = assert_problem(await anonymous.post("/auth/token", data=form), 422, "validation-failed")

    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]


async def test_a_login_is_a_form_not_json(anonymous: AsyncClient) -> None:
    answer = await anonymous.post("/auth/token", json={"username": "ada@example.com", "password": PASSWORD})

    assert_problem(answer, 415, "unsupported-media-type")


@pytest.fixture
async def realistic(settings: Settings) -> AsyncIterator[AsyncClient]:
    """Passwords cost what they cost in production; connections are few, and nobody waits for one for long."""
    url = settings.database_url.get_secret_value()
    started = time.perf_counter()
    await PasswordHasher(make_settings(url, auth=REALISTIC_HASHING).auth).hash(PASSWORD)
    # Were connections held meanwhile, the last of fifty logins would wait for fifty passwords.
    pool = {"pool_size": 2, "pool_timeout": max(1, 25 * (time.perf_counter() - started))}
    costly = make_settings(url, auth=REALISTIC_HASHING, db=pool)
    async with running(create_app(costly)) as service, open_client(service) as client:
        await client.post("/users", json=Person("Ada", client).registration)
        yield client


async def test_refusing_an_unknown_address_takes_as_long_as_refusing_a_password(
    realistic: AsyncClient,
) -> None:
    seconds: dict[str, list[float]] = {"ada@example.com": [], "nobody@example.com": [], "no address": []}
    for _ in range(7):  # in turn, so that whatever else the machine does slows all of them down alike
        for email, samples in seconds.items():
            started = time.perf_counter()
            assert (await log_in(realistic, email, WRONG)).status_code == 401
            samples.append(time.perf_counter() - started)

    fastest = {email: min(samples) for email, samples in seconds.items()}  # which nothing else slowed down
    assert max(fastest.values()) < 2 * min(fastest.values()), fastest  # without hashing it is ten times


async def test_fifty_logins_at_once_neither_run_out_of_connections_nor_stop_other_requests(
    realistic: AsyncClient,
) -> None:
    logins = asyncio.gather(*(log_in(realistic, "ada@example.com") for _ in range(50)))
    others = 0
    while not logins.done():
        assert (await realistic.get("http://localhost/health")).status_code == 200
        others += 1
        await asyncio.sleep(0.005)  # leave the processor to the logins

    assert [answer.status_code for answer in await logins] == [200] * 50
    assert others > 2 * 50  # were passwords hashed on the event loop, each would hold up every other request
