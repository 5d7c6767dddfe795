"""Values that break careless services: always 4xx, never a failure, never stored."""

import json
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response

from tests.support import PASSWORD, Person, assert_problem, rows

JSON = {"Content-Type": "application/json"}
USER = {"email": "new@example.com", "password": PASSWORD, "name": "New"}
TEXTS = [r"\u0000", r"a\u0000b", r"\ud800", r"\udc00\ud800", r"\u001b[31m", r"a\u0085b", r"\u007f"]
NUMBERS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1",
    "1.5",
    str(2**63),
    str(2**64),
    "9" * 5000,
    "true",
    '"7"',
]
ITEM_FIELDS = {"title": '"%s"', "description": '"%s"', "status": '"%s"', "tags": '["%s"]', "currency": '"%s"'}
BAD_BYTES = [b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf8\x88\x80\x80\x80"]
BAD_IDS = [
    "x",
    "1",
    str(2**64),
    "-1",
    "%00",
    "%ff",
    "%ed%a0%80",
    "' OR 1=1 --",
    "..%2f..%2fetc",
    "%0d%0aX-A:b",
    "a" * 5000,
]


def assert_refused(answer: Response, *statuses: int) -> None:
    assert answer.status_code in statuses, answer.text
    assert_problem(answer, answer.status_code, answer.json()["type"].removeprefix("urn:problem:"))


@pytest.mark.parametrize("text", TEXTS)
async def test_control_characters_and_lone_surrogates_are_refused_in_every_text_field(
    ada: Person, database: asyncpg.Connection, text: str
) -> None:
    before = await rows(database)
    for field, template in ITEM_FIELDS.items():
        body = '{"title": "Lamp", "%s": %s}' % (field, template % text)  # noqa: UP031 - braces
        assert_refused(await ada.client.post("/items", content=body, headers=JSON), 422)
    for field in ("email", "name"):
        body = json.dumps(USER | {field: "@"}).replace('"@"', f'"new{text}@example.com"')
        assert_refused(await ada.client.post("/users", content=body, headers=JSON), 422)

    assert await rows(database) == before


@pytest.mark.parametrize("text", [*TEXTS, "a" * 10_000])
async def test_a_hostile_field_name_is_refused(ada: Person, text: str) -> None:
    for method, path in (("POST", "/items"), ("PATCH", "/users/me")):
        body = '{"title": "Lamp", "%s": 1}' % text  # noqa: UP031 - braces
        answer = await ada.client.request(method, path, content=body, headers=JSON)

        assert_refused(answer, 422)
        assert len(answer.content) < 2000


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_number_that_is_none_or_too_large_is_refused(
    ada: Person, database: asyncpg.Connection, number: str
) -> None:
    before = await rows(database)
    price = f'{{"title": "Lamp", "currency": "EUR", "price_minor": {number}}}'

    assert_refused(await ada.client.post("/items", content=price, headers=JSON), 400, 422)
    assert_refused(
        await ada.client.patch("/users/me", content=f'{{"age": {number}}}', headers=JSON), 400, 422
    )
    assert await rows(database) == before


@pytest.mark.parametrize(
    "body", ["", " ", "{", "nul", "{'title': 1}", '{"title": "Lamp",}', "\0", "\ufeff{}"]
)
async def test_a_body_that_is_not_json_is_refused(ada: Person, body: str) -> None:
    assert_refused(await ada.client.post("/items", content=body, headers=JSON), 400, 422)


@pytest.mark.parametrize("body", ["null", "[]", "7", '"Lamp"', "NaN", "1e999", "true", '[{"title": "Lamp"}]'])
async def test_json_that_is_no_object_is_refused(ada: Person, body: str) -> None:
    assert_refused(await ada.client.post("/items", content=body, headers=JSON), 422)


@pytest.mark.parametrize("raw", BAD_BYTES)
async def test_bytes_that_are_not_utf8_are_refused(ada: Person, anonymous: AsyncClient, raw: bytes) -> None:
    for body in (b'{"title": "%s"}' % raw, b'{"title": "Lamp", "%s": 1}' % raw, raw):
        assert_refused(await ada.client.post("/items", content=body, headers=JSON), 400, 422)

    assert_refused(await login(anonymous, b"username=ada@example.com&password=%s" % raw), 401)


@pytest.mark.parametrize(
    "encoding", ["utf-7", "utf-16", "unicode_escape", "undefined", "idna", "punycode", "hex", "no"]
)
@pytest.mark.parametrize(
    "text", [b"\\ud800", b"\\u0000", b"+2AA-", b"\xff\xfe", b"a..b", b"\xff" * 70 + b"-"]
)
async def test_a_form_in_a_strange_encoding_is_refused(
    anonymous: AsyncClient, encoding: str, text: bytes
) -> None:
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name, text)
        for name in (b"username", b"password", text)
    )
    content_type = f"multipart/form-data; boundary=x; charset={encoding}"

    assert_refused(await login(anonymous, parts + b"--x--\r\n", content_type), 400, 401, 415, 422)


@pytest.mark.parametrize(
    "text", ["%00", "%ed%a0%80", "%ff", "%", "%zz", "&" * 2000, "\r\n", "%0d%0a", "[]", "=", ";"]
)
async def test_a_hostile_form_is_refused(anonymous: AsyncClient, text: str) -> None:
    for body in (f"username={text}&password={text}", f"username=ada&password=x&{text}=1", text):
        assert_refused(await login(anonymous, body.encode()), 400, 401, 422)


async def test_a_file_where_text_belongs_is_refused(anonymous: AsyncClient) -> None:
    files = {name: (f"{name}.txt", b"text") for name in ("username", "password")}

    assert_refused(await anonymous.post("/auth/token", files=files), 422)


async def login(
    client: AsyncClient, body: bytes, kind: str = "application/x-www-form-urlencoded"
) -> Response:
    return await client.post("/auth/token", content=body, headers={"Content-Type": kind})


@pytest.mark.parametrize("bad", BAD_IDS)
async def test_an_id_that_is_none_is_refused(admin: Person, bad: str) -> None:
    for path in (f"/items/{bad}", f"/users/{bad}"):
        for method, body in (("GET", None), ("PATCH", {})):
            assert_refused(await admin.client.request(method, path, json=body), 404, 422)


@pytest.mark.parametrize(
    "query", ["%00", "%ff=%ff", "%ed%a0%80=1", "q=%00", "tag=%00", "q=%1b", "cursor=%00", "a[]=1"]
)
async def test_a_hostile_query_is_refused(ada: Person, query: str) -> None:
    assert_refused(await ada.client.get(f"/items?{query}"), 400, 422)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/xml",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "json",
        "*/*",
        "",
    ],
)
async def test_json_is_read_under_its_own_name_only(ada: Person, media_type: str) -> None:
    body: Any = {"content": b'{"title": "Lamp"}', "headers": {"Content-Type": media_type}}

    assert_refused(await ada.client.post("/items", **body), 415, 422)
