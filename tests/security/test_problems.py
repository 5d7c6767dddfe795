"""Every error is a problem document (RFC 9457) and every answer carries an id and the careful headers."""

from collections.abc import AsyncIterator

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import AsyncClient

from app.core.config import Settings
from tests.apps import UNCONNECTED, app_of
from tests.support import ERRORS, Error, Person, assert_problem, make_settings, open_client, running

SECRET = "x7Kq-only-for-this-test-Zr41-only-for-this-test"
CAREFUL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
FIELDS = {"type", "title", "status", "detail", "instance", "request_id"}
UNACCEPTABLE_IDS = [
    "",
    "a" * 65,
    "a b",
    "a\tb",
    "é",
    "a/b",
    "a\x00b",
    "<script>",
    '"',
    "a,b",
    "%0a",
    "\x1b[31m",
]


@pytest.fixture
async def production(broken_settings: Settings) -> AsyncIterator[AsyncClient]:
    """A client of a production service whose database does not exist, which is a 500 where one is needed."""
    url = broken_settings.database_url.get_secret_value()
    http = {"allowed_hosts": "api.example.com"}
    settings = make_settings(url, environment="production", secret_key=SECRET, http=http)
    base = "http://api.example.com/api/v1"
    async with running(app_of(settings)) as service, open_client(service, base_url=base) as client:
        yield client


@pytest.mark.parametrize("error", ERRORS, ids=str)
async def test_an_error_is_a_problem_document_that_repeats_nothing(
    production: AsyncClient, error: Error
) -> None:
    answer = await error.provoke(production, {"X-Request-ID": "the-id"})

    problem = assert_problem(answer, error.status, error.kind)
    assert FIELDS <= problem.keys() <= FIELDS | {"errors"}
    assert (problem["request_id"], problem["instance"]) == ("the-id", "urn:request:the-id")
    assert "ada@example.com" not in answer.text
    assert ("www-authenticate" in answer.headers) == (error.status == 401)


@pytest.mark.parametrize("error", ERRORS, ids=str)
async def test_an_error_carries_the_careful_headers(production: AsyncClient, error: Error) -> None:
    answer = await error.provoke(production, {})

    assert CAREFUL.items() <= dict(answer.headers).items()
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    assert "server" not in answer.headers


async def test_a_failure_says_nothing_of_its_cause_to_the_client(production: AsyncClient) -> None:
    answer = await ERRORS[-1].provoke(production, {})

    assert answer.json()["detail"] == "The server failed; its log says why."
    assert not any(
        word in answer.text.lower() for word in ("database", "asyncpg", "traceback", "sql", "/app/")
    )


@pytest.mark.parametrize("path", ["/users/me", "http://localhost/health", "http://localhost/version"])
async def test_a_success_carries_the_careful_headers_too(ada: Person, path: str) -> None:
    answer = await ada.client.get(path)

    assert answer.status_code == 200
    assert CAREFUL.items() <= dict(answer.headers).items()


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW"]


@pytest.mark.parametrize("method", METHODS)
async def test_a_wrong_method_is_told_every_right_one(anonymous: AsyncClient, method: str) -> None:
    methods: dict[str, set[str]] = {}
    for each in iter_route_contexts(app_of(UNCONNECTED).routes):
        if each.path and each.methods:
            methods.setdefault(each.path, set()).update(each.methods)
    methods = {
        path: each for path, each in methods.items() if not path.startswith("/admin")
    }  # admin_ui: pages
    # A pattern fits these as well, and answers for the methods that they do not have.
    patterns = {
        "/api/v1/users/me": "/api/v1/users/{user_id}",
        "/api/v1/items/bulk": "/api/v1/items/{item_id}",
        "/api/v1/items/export": "/api/v1/items/{item_id}",
        "/api/v1/items/import": "/api/v1/items/{item_id}",
    }

    for path, routed in methods.items():
        allowed = routed | {"OPTIONS"} | ({"HEAD"} if "GET" in routed else set())
        answered = allowed | methods.get(patterns.get(path, ""), set())
        if method in answered - {"OPTIONS"} or (method == "HEAD" and "GET" in answered):
            continue
        answer = await anonymous.request(method, f"http://localhost{path}".replace("{", "").replace("}", ""))

        if method == "OPTIONS":
            assert (answer.status_code, answer.content) == (204, b"")
        elif method == "HEAD":
            assert (answer.status_code, answer.content) == (405, b"")
        else:
            assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == ", ".join(sorted(allowed)), path


@pytest.mark.parametrize("offered", ["a", "A.b-c_9", "0198c0de-0000-7000-8000-000000000000", "a" * 64])
async def test_the_callers_request_id_is_kept(anonymous: AsyncClient, offered: str) -> None:
    answer = await anonymous.get("/items", headers={"X-Request-ID": offered})

    assert answer.headers["x-request-id"] == offered


@pytest.mark.parametrize("offered", UNACCEPTABLE_IDS)
async def test_an_unacceptable_request_id_is_replaced(anonymous: AsyncClient, offered: str) -> None:
    answers = [await anonymous.get("/items", headers={b"X-Request-ID": offered.encode()}) for _ in range(2)]

    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2
    assert offered not in ids


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "api.example.com@evil.example", ""]
)
async def test_an_unknown_host_is_refused_except_by_the_probes(production: AsyncClient, host: str) -> None:
    headers = {"Host": host}

    refused = await production.get("/items", headers=headers)
    assert_problem(refused, 400, "bad-request")
    assert CAREFUL.items() <= dict(refused.headers).items()
    assert (await production.get("http://api.example.com/health", headers=headers)).status_code == 200
    ready = await production.get("http://api.example.com/health/ready", headers=headers)
    assert ready.status_code != 400


@pytest.mark.parametrize("host", ["api.example.com", "API.example.com", "api.example.com:8443"])
async def test_a_known_host_is_answered_in_any_case_and_on_any_port(
    production: AsyncClient, host: str
) -> None:
    assert_problem(await production.get("/items", headers={"Host": host}), 401, "missing-token")


async def test_a_slash_at_the_end_is_the_same_route_not_a_redirect_to_the_host(ada: Person) -> None:
    created = await ada.client.post("/items/", json={"title": "Lamp"})

    assert created.status_code == 201
    assert created.headers["location"].startswith("/api/v1/items/")
    assert (await ada.client.get("/items/")).json()["items"] == [created.json()]
