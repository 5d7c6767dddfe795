"""What one request may carry: body, depth, keys, headers, encoding (OWASP API4)."""

import gzip
import json
from collections.abc import AsyncIterator

import asyncpg
import pytest
from httpx2 import AsyncClient

from app.core.config import Settings
from app.core.middleware.limits import MAX_HEADER_BYTES, MAX_HEADERS
from tests.apps import app_of
from tests.support import Person, assert_problem, make_settings, open_client, running

LIMIT = 4096
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\n'
BODIES: dict[str, tuple[str, dict[str, str], bytes, bytes]] = {  # a body is head + padding + tail
    "json": ("/users", JSON, b'{"email": "', b'"}'),
    "form": ("/auth/token", FORM, b"username=", b""),
    "multipart": ("/auth/token", MULTIPART, PART, b"\r\n--x--\r\n"),
}


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[AsyncClient]:
    """A service that takes small bodies only."""
    url = settings.database_url.get_secret_value()
    app = app_of(make_settings(url, http={"max_body_bytes": LIMIT}))
    async with running(app) as service, open_client(service) as client:
        yield client


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    """A body whose length nobody announces."""
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("kind", BODIES)
async def test_a_body_over_the_limit_is_refused_however_it_is_sent(
    narrow: AsyncClient, kind: str, *, chunked: bool
) -> None:
    path, headers, head, tail = BODIES[kind]
    for size, expected in ((LIMIT, 422), (LIMIT + 1, 413)):
        body = head + b"a" * (size - len(head) - len(tail)) + tail
        answer = await narrow.post(path, content=in_chunks(body) if chunked else body, headers=headers)

        assert ("content-length" in answer.request.headers) is not chunked
        kinds = {413: "content-too-large", 422: "validation-failed"}
        assert_problem(answer, expected, kinds[expected])


async def test_a_route_that_takes_no_body_reads_none(narrow: AsyncClient) -> None:
    answer = await narrow.request("GET", "http://localhost/version", content=in_chunks(b"a" * LIMIT * 2))

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"title": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
        b"[" * 100_000,
        json.dumps({f"key{number}": number for number in range(50_000)}).encode(),
        b'{"title": ["' + b'a","' * 100_000 + b'"]}',
        b'{"title": "' + b"a" * 1_000_000 + b'"}',
    ],
    ids=["deep arrays", "deep objects", "unclosed arrays", "many keys", "long array", "long string"],
)
async def test_a_monstrous_document_is_refused_with_a_short_answer(ada: Person, body: bytes) -> None:
    answer = await ada.client.post("/items", content=body, headers=JSON)

    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code, answer.json()["type"].removeprefix("urn:problem:"))
    assert len(answer.content) < 20_000


async def test_a_form_of_many_fields_is_refused(anonymous: AsyncClient) -> None:
    body = "&".join(f"field{number}=1" for number in range(5000))

    assert_problem(await anonymous.post("/auth/token", content=body, headers=FORM), 400, "bad-request")


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Filler", "a")] * (MAX_HEADERS + 1),
        [("X-Filler", "a" * MAX_HEADER_BYTES)],
        [("X" * MAX_HEADER_BYTES, "a")],
        [("Cookie", f"c{number}=" + "a" * 1000) for number in range(40)],
    ],
    ids=["many", "long value", "long name", "cookies"],
)
async def test_too_many_or_too_large_headers_are_refused(
    anonymous: AsyncClient, headers: list[tuple[str, str]]
) -> None:
    answer = await anonymous.get("/items", headers=headers)

    assert_problem(answer, 431, "headers-too-large")


async def test_the_headers_of_an_honest_client_are_accepted(ada: Person) -> None:
    headers = [(f"X-Filler-{number}", "a" * 100) for number in range(MAX_HEADERS - 20)]

    assert (await ada.client.get("/items", headers=headers)).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity", "GZIP", "gzip, gzip"])
async def test_a_compressed_body_is_not_unpacked(
    ada: Person, database: asyncpg.Connection, encoding: str
) -> None:
    body = gzip.compress(json.dumps({"title": "Lamp"}).encode())
    headers = JSON | {"Content-Encoding": encoding}

    answer = await ada.client.post("/items", content=body, headers=headers)

    assert_problem(answer, 415, "unsupported-media-type")
    assert await database.fetchval("SELECT count(*) FROM items") == 0
