"""HEAD and OPTIONS on every path, and what caches may keep."""

import re

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import AsyncClient
from starlette.types import ASGIApp, Message

from tests.apps import UNCONNECTED, app_of
from tests.processes import serving
from tests.support import Person

APP = app_of(UNCONNECTED)
READABLE = sorted(
    each.path
    for each in iter_route_contexts(APP.routes)
    if each.path and (each.methods is None or "GET" in each.methods)
)
KEPT = {"/docs", "/openapi.json", "/docs/assets"}  # the same for everybody; asked about before each use
TAGGED = {"/api/v1/users/me", "/api/v1/users/{user_id}"}  # other rows are not found by the id of a user
CHANGING = {"x-request-id", "content-length", "ratelimit"}


def url(path: str, person: Person) -> str:
    """A place that the path may be."""
    path = path.replace("/docs/assets", "/docs/assets/swagger-ui.css")
    return "http://localhost" + re.sub(r"{\w+}", person.id, path)


@pytest.mark.parametrize("path", READABLE)
async def test_head_is_get_without_the_body_and_only_what_is_public_is_kept(admin: Person, path: str) -> None:
    place = url(path, admin)

    get, head = await admin.client.get(place), await admin.client.head(place)

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert headers_of(head.headers.items()) == headers_of(get.headers.items())
    assert ("content-length" in head.headers) == ("content-length" in get.headers)
    assert get.headers["cache-control"] == ("no-cache" if path in KEPT else "no-store")
    assert ("etag" in get.headers) == (path in KEPT | TAGGED)
    assert get.headers["vary"] == "Origin"


def headers_of(pairs: object) -> dict[str, str]:
    return {name: value for name, value in pairs if name not in CHANGING}  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", sorted(KEPT))
async def test_what_caches_keep_is_asked_about_and_its_policy_stays(
    anonymous: AsyncClient, ada: Person, path: str
) -> None:
    full = await anonymous.get(url(path, ada))

    known = await anonymous.get(url(path, ada), headers={"If-None-Match": full.headers["etag"]})

    assert (known.status_code, known.content) == (304, b"")
    for name in ("etag", "cache-control", "vary", "content-security-policy", "x-content-type-options"):
        assert known.headers[name] == full.headers[name]


async def test_an_answer_to_a_change_and_an_error_are_never_kept(ada: Person, anonymous: AsyncClient) -> None:
    item = await ada.client.post("/items", json={"title": "Lamp"})
    change = await ada.client.patch(f"/items/{item.json()['id']}", json={}, headers={"If-Match": '"1"'})
    lost = await anonymous.get("http://localhost/docs/assets/nothing.js")
    login = await anonymous.post("/auth/token", data={"username": ada.email, "password": ada.password})

    assert {each.headers["cache-control"] for each in (item, change, lost, login)} == {"no-store"}


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/items", "GET, HEAD, OPTIONS, POST"),
        ("/items/x", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/auth/token", "OPTIONS, POST"),
        ("http://localhost/docs/assets/swagger-ui.css", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_names_the_methods(anonymous: AsyncClient, path: str, allow: str) -> None:
    answer = await anonymous.options(path)

    assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", allow)
    assert (await anonymous.options("/nowhere")).status_code == 404


async def test_a_real_server_answers_head_and_log_and_metrics_say_so(database_url: str) -> None:
    with serving(database_url) as server:
        async with server.client() as client:
            head, get = [await client.request(each, f"{server.url}/version") for each in ("HEAD", "GET")]
            error = await client.head(f"{server.url}/api/v1/items")
            metrics = (await client.get(f"{server.url}/metrics")).text
        await server.stop()
        log = server.stdout.read_text()

    assert (head.status_code, head.content, error.status_code, error.content) == (200, b"", 401, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert 'http_requests_total{method="HEAD",route="/version",status="200"} 1.0' in metrics
    assert re.search(r'"method": ?"HEAD", ?"route": ?"/version"', log)


async def test_no_server_has_to_cut_the_body_off_a_head_request(service: ASGIApp) -> None:
    """Clients and servers hide such a body, so this one looks at the messages themselves."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    host = [(b"host", b"localhost")]
    scope = {"type": "http", "method": "HEAD", "path": "/version", "query_string": b"", "headers": host}
    await service(scope, receive, send)

    assert sent[0]["status"] == 200
    assert [each["body"] for each in sent[1:]] == [b""]
