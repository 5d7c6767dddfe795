"""Who comes in, how they prove it, and when they are out again."""

import re
import time

import asyncpg
import pytest
from httpx2 import AsyncClient
from pyotp import TOTP
from starlette.types import ASGIApp

from app.core.admin_ui import Door
from app.core.config import Settings
from app.main import create_app
from tests.admin_ui.support import HERE, Browser, at_desk, browsing
from tests.conftest import Register
from tests.support import PASSWORD, Person, assert_problem, make_settings, open_client, running

WRONG = "this is not the password"
SECRET = "a-secret-of-these-tests-and-of-nothing-else"


async def events(admin: Person, action: str) -> list[dict[str, str]]:
    answer = await admin.client.get("/audit-events", params={"action": action})
    return list(answer.json()["items"])


async def sessions(database: asyncpg.Connection) -> int:
    return int(await database.fetchval("SELECT count(*) FROM login_sessions WHERE ended_at IS NULL"))


async def test_an_administrator_logs_in_and_gets_a_cookie_that_no_script_or_other_site_can_use(
    browser: Browser, admin: Person
) -> None:
    answer = await browser.log_in(admin.email)

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin")
    assert re.fullmatch(r"admin_ui=[\w.-]+; HttpOnly; Path=/; SameSite=strict", answer.headers["set-cookie"])
    home = await browser.get("")
    assert (home.status_code, "Overview" in home.text, admin.email in home.text) == (200, True, True)
    newest = (await events(admin, "login.succeeded"))[0]
    assert (newest["actor_id"], newest["address"]) == (admin.id, "127.0.0.1")


async def test_who_is_not_logged_in_is_sent_to_the_door(browser: Browser) -> None:
    answer = await browser.get("/users")

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/login")


@pytest.mark.usefixtures("empty_trail")
async def test_a_wrong_login_is_refused_remembered_and_throttled(browser: Browser, admin: Person) -> None:
    refused = [await browser.log_in(admin.email, WRONG) for _ in range(11)]

    assert [answer.status_code for answer in refused] == [401] * 10 + [429]
    assert "Wrong email or password." in refused[0].text
    assert "Too many attempts." in refused[10].text
    assert int(refused[10].headers["retry-after"]) > 0
    assert (await browser.log_in(admin.email)).status_code == 429
    assert len(await events(admin, "login.failed")) == 10


async def test_an_unknown_address_is_answered_as_a_wrong_password(browser: Browser, admin: Person) -> None:
    page = [await browser.log_in(email, WRONG) for email in (admin.email, "nobody@example.com")]

    known, unknown = [re.sub(r'value="[^"]+"', "", answer.text) for answer in page]
    assert (page[1].status_code, unknown) == (401, known)


async def test_the_second_factor_is_asked_for_and_a_code_or_a_recovery_code_is_taken(
    browser: Browser, admin: Person
) -> None:
    start = await admin.client.post("/auth/two-factor", json={"current_password": PASSWORD})
    app = TOTP(start.json()["secret"])
    first = {"code": app.at(time.time(), counter_offset=-1)}
    codes = (await admin.client.post("/auth/two-factor/confirm", json=first)).json()["recovery_codes"]

    without = await browser.log_in(admin.email)
    wrong = await browser.log_in(admin.email, code="no-such-recovery-code")
    guessed = await browser.get("")
    right = await browser.log_in(admin.email, code=app.at(time.time()))
    again = await browser.log_in(admin.email, code=codes[0])
    used = await browser.log_in(admin.email, code=codes[0])

    assert [each.status_code for each in (without, wrong, guessed, right, again, used)] == [
        401,
        401,
        303,
        303,
        303,
        401,
    ]
    assert "This account has a second factor" in without.text
    assert "The code is wrong" in wrong.text


async def test_who_is_no_administrator_does_not_come_in(
    browser: Browser, ada: Person, admin: Person, database: asyncpg.Connection
) -> None:
    before = await sessions(database)

    answer = await browser.log_in(ada.email)

    assert (answer.status_code, "This is for administrators." in answer.text) == (403, True)
    assert await sessions(database) == before
    assert (await browser.get("")).headers["location"] == "/admin/login"
    assert (await events(admin, "login.failed"))[0]["target_id"] == ada.id


async def test_a_demoted_administrator_is_out_at_once(
    desk: Browser, admin: Person, database: asyncpg.Connection
) -> None:
    token = await desk.token("/users")
    await database.execute("UPDATE users SET role = 'user' WHERE email = $1", admin.email)

    reading = await desk.get("/users")
    changing = await desk.client.post("/logout", data={"form_token": token}, headers=HERE)

    assert (reading.status_code, changing.status_code) == (403, 403)
    assert "This is for administrators." in reading.text


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE users SET is_active = false WHERE id = $1",
        "UPDATE login_sessions SET ended_at = now() WHERE user_id = $1",
        "UPDATE login_sessions SET expires_at = now() WHERE user_id = $1",
        "DELETE FROM users WHERE id = $1",
    ],
)
async def test_a_session_that_has_ended_opens_nothing(
    desk: Browser, admin: Person, database: asyncpg.Connection, end: str
) -> None:
    assert (await desk.get("/users")).status_code == 200

    await database.execute(end, admin.id)

    assert (await desk.get("/users")).headers["location"] == "/admin/login"


async def test_logging_out_everywhere_over_the_api_ends_the_admin_ui_too(
    desk: Browser, admin: Person
) -> None:
    assert (await admin.client.post("/auth/logout-all")).status_code == 204

    assert (await desk.get("")).headers["location"] == "/admin/login"


async def test_a_cookie_is_worth_nothing_after_its_owner_has_logged_out(
    desk: Browser, admin: Person, service: ASGIApp
) -> None:
    kept = desk.cookie()

    answer = await desk.send("/logout", seen="")

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/login")
    assert "admin_ui" not in desk.client.cookies
    async with open_client(service, base_url="http://localhost/admin", cookies={"admin_ui": kept}) as thief:
        assert (await thief.get("")).headers["location"] == "/admin/login"
    assert (await events_after_login(admin))[0]["action"] == "session.ended"


async def events_after_login(admin: Person) -> list[dict[str, str]]:
    return list((await admin.client.get("/audit-events")).json()["items"])


async def test_a_session_lasts_an_hour_from_the_last_page_and_twelve_in_all(
    desk: Browser, database: asyncpg.Connection
) -> None:
    left = "SELECT round(extract(epoch FROM expires_at - now()) / 600) FROM login_sessions WHERE id = $1"
    age = """
        UPDATE login_sessions SET created_at = now() - $2 * interval '1 minute',
        last_used_at = now() - interval '9 minutes', expires_at = now() + interval '1 minute' WHERE id = $1
    """
    session = await database.fetchval("SELECT id FROM login_sessions ORDER BY id DESC LIMIT 1")
    tens_of_minutes = [await database.fetchval(left, session)]

    for minutes in (30, 11 * 60 + 30):
        await database.execute(age, session, minutes)
        assert (await desk.get("")).status_code == 200
        tens_of_minutes.append(await database.fetchval(left, session))

    assert tens_of_minutes == [6, 6, 3]


async def test_nothing_but_a_ticket_of_the_door_opens_it(
    admin: Person, service: ASGIApp, settings: Settings
) -> None:
    form = {"username": admin.email, "password": PASSWORD}
    tokens = (await admin.client.post("/auth/token", data=form)).json()
    door = Door(settings)
    other = Door(make_settings("postgresql://nowhere", secret_key=SECRET))
    async with browsing(service) as browser:
        await at_desk(browser, admin)
        ticket = browser.cookie()
    forged = [
        tokens["access_token"],
        tokens["refresh_token"],
        door.form_token(ticket),
        ticket[:-2],
        ticket + "x",
        ticket.upper(),
        "x" * 8000,
        'WyJhIiwiYiJd.x"',
    ]

    for cookie in [*forged, other.form_token("")]:
        headers = {"Cookie": f"admin_ui={cookie}"}
        async with open_client(service, base_url="http://localhost/admin", headers=headers) as client:
            answer = await client.get("")

        assert (answer.status_code, answer.headers.get("location")) == (303, "/admin/login"), cookie


async def test_a_ticket_is_no_access_token(desk: Browser, anonymous: AsyncClient) -> None:
    answer = await anonymous.get("/users/me", headers={"Authorization": f"Bearer {desk.cookie()}"})

    assert_problem(answer, 401, "invalid-token")


async def test_the_api_takes_no_cookie(desk: Browser, service: ASGIApp) -> None:
    async with open_client(service, cookies={"admin_ui": desk.cookie()}) as client:
        assert_problem(await client.get("/users/me"), 401, "missing-token")


def production(url: str, **changes: object) -> Settings:
    http = {"allowed_hosts": ["admin.example.com"]}
    return make_settings(url, environment="production", secret_key=SECRET, http=http, **changes)


async def test_in_production_it_is_closed_until_it_is_switched_on(database_url: str) -> None:
    async with (
        running(create_app(production(database_url))) as service,
        browsing(service, "https://admin.example.com") as browser,
    ):
        answers = [await browser.get(path) for path in ("", "/login", "/assets/admin.css")]

    for answer in answers:
        assert_problem(answer, 404, "not-found")


async def test_it_can_be_switched_off_in_development(database_url: str) -> None:
    async with (
        running(create_app(make_settings(database_url, admin_ui=False))) as service,
        browsing(service) as browser,
    ):
        assert_problem(await browser.get("/login"), 404, "not-found")


async def test_in_production_the_cookie_is_of_this_host_alone_and_travels_over_tls_alone(
    database_url: str, register: Register, database: asyncpg.Connection
) -> None:
    ada = await register("Ada")
    await database.execute("UPDATE users SET role = 'admin' WHERE id = $1", ada.id)
    origin = "https://admin.example.com"
    async with (
        running(create_app(production(database_url, admin_ui=True))) as service,
        browsing(service, origin) as browser,
    ):
        token = await browser.token("/login")
        form = {"form_token": token, "email": ada.email, "password": PASSWORD}
        plain = await browser.client.post("/login", data=form, headers={"Origin": f"http{origin[5:]}"})
        answer = await browser.client.post("/login", data=form, headers={"Origin": origin})
        home = await browser.get("")

    cookie = r"__Host-admin_ui=[\w.-]+; HttpOnly; Path=/; SameSite=strict; Secure"
    assert re.fullmatch(cookie, answer.headers["set-cookie"])
    assert plain.status_code == 403
    assert (home.status_code, "strict-transport-security" in home.headers) == (200, True)


async def test_a_link_or_form_from_elsewhere_which_brings_no_cookie_ends_no_session(
    desk: Browser, service: ASGIApp
) -> None:
    ticket = desk.cookie()
    async with browsing(service) as elsewhere:  # a browser keeps the cookies of such answers, too
        answers = [
            await elsewhere.get(""),
            await elsewhere.get("/login"),
            await elsewhere.client.post("/logout"),
        ]
    for answer in answers:
        desk.client.cookies.extract_cookies(answer)

    assert [answer.status_code for answer in answers] == [303, 200, 401]
    assert desk.cookie() == ticket
    assert (await desk.get("")).status_code == 200
