"""No other site, login or program makes an administrator's browser change anything."""

from typing import Any

import asyncpg
from httpx2 import Response
from starlette.types import ASGIApp

from app.core.admin_ui import Door
from app.core.config import Settings
from tests.admin_ui.support import (
    ANYONES,
    APP,
    HERE,
    NOWHERE,
    OWN,
    ROUTES,
    Browser,
    at_desk,
    browsing,
    form_token,
)
from tests.conftest import Register
from tests.support import PASSWORD, Person, rows

NAMES = ("user_id", "item_id", "job_id", "webhook_id")
CHANGES = [path for method, path in ROUTES if method == "POST"]
FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
    {"Origin": "http://["},
    {"Origin": "localhost"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "none"},
]


def concrete(path: str) -> str:
    names = dict.fromkeys(NAMES, NOWHERE) | {"number": "4711", "name": "items.archive"}
    return path.removeprefix("/admin").format(**names)


def is_refused(answer: Response) -> bool:
    return answer.status_code == 403 and "The form has expired, or is none of ours." in answer.text


def test_there_is_what_these_tests_are_about() -> None:
    assert len(ROUTES) > 25
    assert len(CHANGES) > 8
    assert {method for method, _ in ROUTES} == {"GET", "POST"}
    assert all(path.startswith("/admin") for _, path in ROUTES)
    assert [path for path in APP.openapi()["paths"] if path.startswith("/admin")] == []


async def test_a_form_without_its_token_is_refused(desk: Browser) -> None:
    token = {"form_token": await desk.token("")}
    for path in CHANGES:
        for data in ({}, {"form_token": ""}, {"form_token": "made-up"}, {"form_token": desk.cookie()}):
            assert is_refused(await desk.client.post(concrete(path), data=data, headers=HERE)), path
        assert is_refused(await desk.client.post(concrete(path), json=token, headers=HERE)), path
    assert (await desk.get("")).status_code == 200  # nobody was logged out


async def test_a_form_that_another_sites_page_sends_is_refused_even_with_a_token(desk: Browser) -> None:
    token = {"form_token": await desk.token("")}
    for path in CHANGES:
        for headers in FOREIGN:
            answer = await desk.client.post(concrete(path), data=token, headers=headers)
            assert is_refused(answer), (path, headers)
    assert (await desk.get("")).status_code == 200


async def test_a_token_of_another_login_is_refused(
    desk: Browser, service: ASGIApp, register: Register, database: asyncpg.Connection
) -> None:
    bob = await register("Bob")
    await database.execute("UPDATE users SET role = 'admin' WHERE id = $1", bob.id)
    async with browsing(service) as browser:
        other = await (await at_desk(browser, bob)).token("")
        stranger = form_token(await browser.get("/login"))
    item = (await bob.client.post("/items", json={"title": "Lamp"})).json()
    fields = {"action": "delete", "selected": f"{item['id']}@1"}
    before = await rows(database)

    for token in (other, stranger):
        answer = await desk.client.post("/items/question", data={"form_token": token, **fields}, headers=HERE)
        assert is_refused(answer)

    assert await rows(database) == before
    assert (await desk.send("/items/question", seen="/items/" + item["id"], **fields)).status_code == 303


async def test_the_login_form_has_a_token_too_which_belongs_to_the_browsers_cookie(
    browser: Browser, admin: Person, settings: Settings
) -> None:
    fields = {"email": admin.email, "password": PASSWORD}
    token = await browser.token("/login")

    for each in (token, Door(settings).form_token("")):
        browser.client.cookies.clear()
        answer = await browser.client.post("/login", data={"form_token": each, **fields}, headers=HERE)
        assert is_refused(answer)


async def test_every_page_and_form_is_for_administrators(
    desk: Browser, admin: Person, service: ASGIApp, database: asyncpg.Connection
) -> None:
    data = {"form_token": await desk.token("")}
    role = "UPDATE users SET role = $1 WHERE id = $2"
    async with browsing(service) as stranger:
        for method, path in sorted(OWN, key=lambda route: route[1].endswith("/logout")):
            request: dict[str, Any] = {"data": data, "headers": HERE} if method == "POST" else {}
            nobody = await stranger.client.request(method, concrete(path), **request)
            await database.execute(role, "user", admin.id)
            user = await desk.client.request(method, concrete(path), **request)
            await database.execute(role, "admin", admin.id)
            known = await desk.client.request(method, concrete(path), **request)

            assert nobody.status_code == (303 if method == "GET" else 401), path
            assert "Overview" not in nobody.text
            assert (user.status_code, "This is for administrators." in user.text) == (403, True), path
            # What the path names is not there, or nothing is chosen, but the administrator comes that far.
            assert known.status_code in {200, 303, 400, 404, 422}, path


def test_only_the_login_is_for_anyone() -> None:
    assert set(ROUTES) - set(OWN) == ANYONES
