"""Access tokens that are not ours, not valid, or no longer (RFC 8725): 401, never a failure."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from httpx2 import AsyncClient, Response

from app.core.config import DEVELOPMENT_SECRET
from tests.support import Person, assert_problem

CHALLENGE = 'Bearer error="invalid_token"'
HEADERS: list[dict[str, Any]] = [
    {"typ": "JWT"},
    {"typ": None},
    {"typ": "refresh"},
    {"typ": ["at+jwt"]},
    {"alg": "none"},
    {"alg": "NoNe"},
    {"alg": "HS512"},
    {"alg": "RS256"},
    {"alg": None},
    {"alg": ["HS256"]},
    {"crit": ["exp"]},
    {"b64": False, "crit": ["b64"]},
    {"kid": 7},
]
FAR = 32_503_680_000  # the year 3000
WRONG_NAMES: list[Any] = ["", "evil", "shipworthy ", 1, [], ["evil"], {"shipworthy": 1}]
WRONG_TIMES: list[Any] = [0, -1, "9999999999", float("nan"), float("inf"), [9999999999], True]
WRONG_IDS: list[Any] = ["", "me", "\0", "\ud800", "' OR 1=1 --", 7, ["x"], {}]
SOMEBODY = "0198c0de-0000-7000-8000-000000000000"
CLAIMS: list[dict[str, Any]] = [
    *({name: None} for name in ("exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti")),
    *({"exp": value} for value in WRONG_TIMES),
    *({"iat": value} for value in (FAR, FAR + 0.5)),
    *({"nbf": value} for value in (FAR, FAR + 0.5)),
    *({"iss": value} for value in WRONG_NAMES),
    *({"aud": value} for value in WRONG_NAMES),
    *({"sub": value} for value in [*WRONG_IDS, SOMEBODY]),
    *({"sid": value} for value in [*WRONG_IDS, SOMEBODY]),
]


def token_of(person: Person) -> str:
    return str(person.client.headers["Authorization"].removeprefix("Bearer "))


def encode(part: Any) -> str:  # noqa: ANN401 - any JSON, or bytes
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(header: Any, claims: Any, key: str = DEVELOPMENT_SECRET) -> str:  # noqa: ANN401 - any JSON, or bytes
    """A token whose signature is right, whatever its content; no JWT library would write some of these."""
    message = f"{encode(header)}.{encode(claims)}"
    signature = jwt.get_algorithm_by_name("HS256").sign(message.encode(), key.encode())
    return f"{message}.{encode(signature)}"


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


def change(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A change to ``None`` removes."""
    return {name: value for name, value in (values | changes).items() if value is not None}


async def ask(client: AsyncClient, token: str | bytes) -> Response:
    token = token.encode() if isinstance(token, str) else token
    return await client.get("/users/me", headers=[(b"Authorization", b"Bearer " + token)])


def assert_refused(answer: Response) -> None:
    assert_problem(answer, 401, "invalid-token")
    assert answer.headers["www-authenticate"] == CHALLENGE


async def test_a_token_made_by_these_tests_is_accepted_so_that_the_refusals_mean_something(
    anonymous: AsyncClient, ada: Person
) -> None:
    assert (await ask(anonymous, sign(*parts(token_of(ada))))).json() == ada.profile


@pytest.mark.parametrize("changes", HEADERS, ids=str)
async def test_a_token_with_another_header_is_refused(
    anonymous: AsyncClient, ada: Person, changes: dict[str, Any]
) -> None:
    header, claims = parts(token_of(ada))

    assert_refused(await ask(anonymous, sign(change(header, changes), claims)))


@pytest.mark.parametrize("changes", CLAIMS, ids=str)
async def test_a_token_with_a_missing_wrong_or_monstrous_claim_is_refused(
    anonymous: AsyncClient, ada: Person, changes: dict[str, Any]
) -> None:
    header, claims = parts(token_of(ada))

    assert_refused(await ask(anonymous, sign(header, change(claims, changes))))


@pytest.mark.parametrize("leeway", [0, -1])
async def test_a_token_ends_at_the_second_it_says(anonymous: AsyncClient, ada: Person, leeway: int) -> None:
    header, claims = parts(token_of(ada))

    assert_refused(await ask(anonymous, sign(header, claims | {"exp": int(time.time()) + leeway})))


@pytest.mark.parametrize(
    "extra",
    [
        {"kid": "../../../../dev/null"},
        {"kid": "' UNION SELECT 'key"},
        {"kid": "\0"},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/cert"},
        {"jwk": {"kty": "oct", "k": encode(b"x" * 32)}},
    ],
    ids=str,
)
async def test_a_header_never_chooses_the_key(
    anonymous: AsyncClient, ada: Person, extra: dict[str, Any]
) -> None:
    header, claims = parts(token_of(ada))

    for key in ("", "x" * 32, DEVELOPMENT_SECRET + "x"):
        assert_refused(await ask(anonymous, sign(header | extra, claims, key)))


async def test_a_token_cut_or_pasted_together_is_refused(anonymous: AsyncClient, ada: Person) -> None:
    token = token_of(ada)
    head, body, signature = token.split(".")
    damaged: list[str | bytes] = [
        *("", ".", "..", "....", "é.é.é", "a" * 1024, b"\xed\xa0\x80." * 2),
        head,
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}..{signature}",
        f".{body}.{signature}",
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{body}.{signature}.{signature}",
        f"{encode({'alg': 'none', 'typ': 'at+jwt'})}.{body}.",
        f"{encode(b'[' * 700)}.{body}.{signature}",
        f"{encode(b'not json')}.{body}.{signature}",
        token[:-1],
        token[: len(token) // 2],
        token.replace(".", ". "),
        token.encode() + b"\xff\xfe",
    ]

    for each in damaged:
        assert_refused(await ask(anonymous, each))


async def test_a_signature_does_not_make_nonsense_a_token(anonymous: AsyncClient, ada: Person) -> None:
    header, claims = parts(token_of(ada))
    nonsense = [
        sign(b"[1]", claims),
        *(sign(header, raw) for raw in (b"", b"[1]", b"\xff", b"[" * 500, b'{"exp": 1e400}')),
        sign(header, json.dumps(claims | {"exp": "?"}).replace('"?"', "1e400").encode()),
        sign(header, claims | {"padding": "a" * 1024}),
    ]

    for each in nonsense:
        assert_refused(await ask(anonymous, each))


async def test_a_token_of_a_megabyte_is_refused(anonymous: AsyncClient, ada: Person) -> None:
    answer = await ask(anonymous, token_of(ada) + "a" * 1_000_000)

    assert_problem(answer, 431, "headers-too-large")


async def test_a_session_of_somebody_else_makes_no_token_valid(
    anonymous: AsyncClient, ada: Person, bob: Person
) -> None:
    (header, adas), (_, bobs) = parts(token_of(ada)), parts(token_of(bob))

    assert_refused(await ask(anonymous, sign(header, adas | {"sid": bobs["sid"]})))
