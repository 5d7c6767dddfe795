"""Which browsers may call the API: those of the configured origins, and they may read errors too."""

from collections.abc import AsyncIterator

import pytest
from httpx2 import AsyncClient, Response

from app.core.config import Settings
from tests.apps import app_of
from tests.support import ERRORS, Error, make_settings, open_client, running

FRIEND = "https://app.example.com"
HEADERS = "authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id"
STRANGERS = [
    "https://evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://app.example.com.evil.example",
    "https://sub.app.example.com",
    "https://APP.example.com",
    "null",
    "",
    "*",
]


@pytest.fixture
async def browser(broken_settings: Settings) -> AsyncIterator[AsyncClient]:
    http = {"cors_origins": FRIEND}
    settings = make_settings(broken_settings.database_url.get_secret_value(), http=http)
    async with running(app_of(settings)) as service, open_client(service) as client:
        yield client


@pytest.mark.parametrize("error", ERRORS, ids=str)
async def test_a_known_origin_may_read_every_answer_errors_included(
    browser: AsyncClient, error: Error
) -> None:
    answer = await error.provoke(browser, {"Origin": FRIEND})

    assert answer.status_code == error.status
    assert answer.headers["access-control-allow-origin"] == FRIEND
    readable = answer.headers["access-control-expose-headers"].lower()
    assert {"etag", "x-request-id", "idempotency-replayed"} <= set(readable.split(", "))
    assert "origin" in answer.headers["vary"].lower()
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", STRANGERS)
async def test_an_unknown_origin_may_read_nothing(browser: AsyncClient, origin: str) -> None:
    for error in ERRORS:
        answer = await error.provoke(browser, {"Origin": origin})

        assert answer.status_code == error.status
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_known_origin_may_send_every_method_with_a_token(browser: AsyncClient, method: str) -> None:
    answer = await preflight(browser, FRIEND, method, HEADERS)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert method in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        *((stranger, "GET", "authorization") for stranger in STRANGERS),
        (FRIEND, "TRACE", "authorization"),
        (FRIEND, "POST", "x-admin"),
    ],
)
async def test_a_preflight_for_anything_else_is_a_refusal(
    browser: AsyncClient, origin: str, method: str, headers: str
) -> None:
    answer = await preflight(browser, origin, method, headers)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers.get("access-control-allow-origin") in {None, FRIEND}
    assert (origin == FRIEND) == ("access-control-allow-origin" in answer.headers)


async def test_without_configured_origins_no_browser_may_read_anything(anonymous: AsyncClient) -> None:
    answer = await anonymous.get("http://localhost/version", headers={"Origin": FRIEND})

    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def preflight(client: AsyncClient, origin: str, method: str, headers: str) -> Response:
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return await client.options("/items", headers={"Origin": origin, **asked})
