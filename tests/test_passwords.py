"""Passwords (ASVS 5.0, 6.2; NIST SP 800-63B-4): long, any Unicode, none that is easy to guess."""

import unicodedata

import pytest
from httpx2 import AsyncClient, Response

from tests.support import PASSWORD, assert_problem

ADDRESS = "augusta.king@example.com"
NAME = "Augusta Ada King"
# 73 bytes and more: a hash that stops at the 72nd, as bcrypt does, cannot tell these two apart.
LONG = "glass teapot, violet engine, seventeen gulls over a harbour; quite a view"


async def register(client: AsyncClient, password: str) -> Response:
    return await client.post("/users", json={"email": ADDRESS, "name": NAME, "password": password})


async def log_in(client: AsyncClient, password: str) -> int:
    form = {"username": ADDRESS, "password": password}
    return (await client.post("/auth/token", data=form)).status_code


@pytest.mark.parametrize(
    "password",
    [
        "violet teapots.",  # 15 characters
        "".join(chr(0x1F400 + 37 * place % 64) for place in range(64)),  # emoji
        "žluťoučký kůň pěl",
        "長い合言葉は安全です、たぶん。ね",
        LONG,
        "x7!Kq" + LONG * 3 + "~" * 32,  # 256 characters
    ],
)
async def test_a_long_password_of_any_characters_is_accepted_and_logs_in(
    anonymous: AsyncClient, password: str
) -> None:
    assert (await register(anonymous, password)).status_code == 201

    assert await log_in(anonymous, password) == 200


async def test_a_password_logs_in_however_the_keyboard_composes_it(anonymous: AsyncClient) -> None:
    password = "crème brûlée à gogo 🐢🚲🌋"
    composed, decomposed = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))
    assert composed != decomposed

    assert (await register(anonymous, composed)).status_code == 201
    assert await log_in(anonymous, decomposed) == 200


@pytest.mark.parametrize(
    "typed", [PASSWORD.title(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD.replace(" ", "")]
)
async def test_case_and_spaces_of_a_password_count(anonymous: AsyncClient, typed: str) -> None:
    await register(anonymous, PASSWORD)

    assert await log_in(anonymous, typed) == 401


async def test_spaces_around_a_new_password_are_kept(anonymous: AsyncClient) -> None:
    await register(anonymous, f"  {PASSWORD} ")

    assert await log_in(anonymous, f"  {PASSWORD} ") == 200
    assert await log_in(anonymous, PASSWORD) == 401


async def test_the_seventy_third_byte_of_a_password_counts(anonymous: AsyncClient) -> None:
    await register(anonymous, LONG)

    assert len(LONG.encode()) == 73
    assert await log_in(anonymous, LONG[:-1] + "!") == 401
    assert await log_in(anonymous, LONG[:-1]) == 401


@pytest.mark.parametrize(
    ("password", "kind", "code"),
    [
        ("violet teapots", "validation-failed", "password_length"),  # 14 characters
        ("🐢🚲🌋🎻" * 3, "validation-failed", "password_length"),  # 12 characters, 48 bytes
        ("x7!Kq" * 51 + "~~", "validation-failed", "password_length"),  # 257 characters
        ("Password1234567", "guessable-password", "guessable"),
        ("a" * 23, "guessable-password", "guessable"),
        ("qwertyuiopasdfgh", "guessable-password", "guessable"),
        ("shipworthy123456", "guessable-password", "guessable"),
        (ADDRESS, "guessable-password", "guessable"),
        (ADDRESS.upper(), "guessable-password", "guessable"),
        (NAME, "guessable-password", "guessable"),
        ("Password Password", "guessable-password", "guessable"),
        ("Augusta Augusta", "guessable-password", "guessable"),
    ],
)
async def test_a_short_or_guessable_password_is_refused_without_repeating_it(
    anonymous: AsyncClient, password: str, kind: str, code: str
) -> None:
    answer = await register(anonymous, password)

    problem = assert_problem(answer, 422, kind)
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [("/password", code)]
    assert password not in answer.text
    assert await log_in(anonymous, password) != 200


async def test_a_password_of_a_megabyte_is_refused(anonymous: AsyncClient) -> None:
    password = "x7!Kq" * 200_000

    assert_problem(await register(anonymous, password), 422, "validation-failed")
    assert await log_in(anonymous, password) in {413, 422}
