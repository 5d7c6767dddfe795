"""What administrators do at the admin UI: by the same services, and the same rules, as over the API."""

import re
from html import unescape
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response
from pyotp import TOTP

from tests.admin_ui.support import HERE, Browser, assert_inert, hidden
from tests.conftest import Register
from tests.support import PASSWORD, Person, rows

HOOK: dict[str, Any] = {"url": "https://93.184.215.14/hook", "events": ["item.created"]}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>"


async def newest(admin: Person, action: str) -> dict[str, Any]:
    answer = await admin.client.get("/audit-events", params={"action": action})
    return dict(answer.json()["items"][0])


async def answer_yes(desk: Browser, section: str, action: str, *ids: str) -> Response:
    """Tick rows, press the button, be asked, and say yes."""
    question = await desk.get(f"{section}/question", params={"action": action, "selected": ids})
    assert question.status_code == 200, question.text
    assert len(hidden(question, "selected")) == len(ids)
    fields = {"action": action, "selected": hidden(question, "selected")}
    token = hidden(question, "form_token")[0]
    data = {"form_token": token, **fields}
    return await desk.client.post(f"{section}/question", data=data, headers=HERE)


async def item_of(person: Person, **fields: object) -> str:
    return str((await person.client.post("/items", json={"title": "Lamp", **fields})).json()["id"])


async def test_the_front_page_counts(desk: Browser, ada: Person, database: asyncpg.Connection) -> None:
    await item_of(ada)
    await ada.client.post("/webhooks", json=HOOK)
    await database.execute("UPDATE webhooks SET failing_since = now()")
    await database.execute("""
        INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('mail', 'unknown', 'failed')
    """)

    page = (await desk.get("")).text

    tiles = dict(reversed(each) for each in re.findall(r"<strong>(\S+)</strong><span>([\w ]+)</span>", page))
    assert tiles == {"Users": "2", "Items": "1", "Dead in the queue": "1", "Failing webhooks": "1"}
    assert "user.registered" in page
    assert "https://93.184.215.14/hook" in page


async def test_users_are_searched_and_one_is_disabled_at_once(
    desk: Browser, ada: Person, bob: Person, admin: Person
) -> None:
    found = (await desk.get("/users", params={"q": "ada", "role": "", "is_active": "true"})).text
    assert (ada.email in found, bob.email in found) == (True, False)

    answer = await answer_yes(desk, "/users", "disable", ada.id)

    assert answer.headers["location"] == "/admin/users?done=disable"
    assert (await ada.client.get("/users/me")).status_code == 401
    assert (await bob.client.get("/users/me")).status_code == 200
    event = await newest(admin, "user.changed")
    assert (event["actor_id"], event["target_id"]) == (admin.id, ada.id)
    assert event["request_id"] == answer.headers["x-request-id"]


async def test_sessions_are_ended_by_an_administrator_who_is_named(
    desk: Browser, ada: Person, bob: Person, admin: Person
) -> None:
    await answer_yes(desk, "/users", "end-sessions", ada.id, bob.id)

    assert [(await person.client.get("/users/me")).status_code for person in (ada, bob)] == [401, 401]
    event = await newest(admin, "sessions.ended")
    assert (event["actor_id"], event["target_id"]) == (admin.id, bob.id)


async def test_a_role_is_given_and_taken(desk: Browser, ada: Person) -> None:
    await answer_yes(desk, "/users", "promote", ada.id)
    promoted = (await ada.client.get("/users/me")).json()["role"]
    await answer_yes(desk, "/users", "demote", ada.id)

    assert (promoted, (await ada.client.get("/users/me")).json()["role"]) == ("admin", "user")


@pytest.mark.parametrize("action", ["disable", "demote"])
async def test_the_last_administrator_is_told_why_they_stay_one(
    desk: Browser, admin: Person, action: str
) -> None:
    answer = await answer_yes(desk, "/users", action, admin.id)

    assert answer.status_code == 409
    assert "The last administrator cannot be demoted or disabled." in answer.text
    assert (await desk.get("")).status_code == 200


async def test_a_lost_second_factor_is_switched_off_but_not_ones_own(
    desk: Browser, ada: Person, admin: Person
) -> None:
    start = await ada.client.post("/auth/two-factor", json={"current_password": PASSWORD})
    await ada.client.post("/auth/two-factor/confirm", json={"code": TOTP(start.json()["secret"]).now()})

    own = await answer_yes(desk, "/users", "reset-second-factor", admin.id)
    others = await answer_yes(desk, "/users", "reset-second-factor", ada.id)

    assert (own.status_code, others.status_code) == (409, 303)
    assert (await ada.client.get("/users/me")).json()["two_factor"] is False


async def test_an_item_is_edited_in_the_version_that_was_on_the_page(
    desk: Browser, ada: Person, admin: Person
) -> None:
    item = await item_of(ada, tags=["old"])
    page = await desk.get(f"/items/{item}")
    fields = {
        "form_token": hidden(page, "form_token")[0],
        "revision": hidden(page, "revision")[0],
        "title": "Brass lamp",
        "description": "",
        "status": "active",
        "tags": "brass, 1932, ",
        "price_minor": "4900",
        "currency": "EUR",
    }

    saved = await desk.client.post(f"/items/{item}", data=fields, headers=HERE)
    stale = await desk.client.post(f"/items/{item}", data=fields | {"title": "Chair"}, headers=HERE)

    assert saved.headers["location"] == f"/admin/items/{item}?done=saved"
    assert (stale.status_code, "It has changed since you read it" in stale.text) == (412, True)
    now = (await ada.client.get(f"/items/{item}")).json()
    shown = {name: now[name] for name in ("title", "description", "status", "tags", "price_minor", "version")}
    assert shown == {
        "title": "Brass lamp",
        "description": None,
        "status": "active",
        "tags": ["brass", "1932"],
        "price_minor": 4900,
        "version": 2,
    }
    event = await newest(admin, "item.changed")
    assert (event["actor_id"], event["target_id"]) == (admin.id, item)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"title": "Lamp", "status": "sold"}, "/status"),
        ({"title": "Lamp", "price_minor": "1_000", "currency": "EUR"}, "/price_minor"),
        ({"title": "Lamp", "price_minor": "5"}, ""),
        ({"title": "Lamp", "owner_id": "0198c0de-0000-7000-8000-000000000000"}, "/owner_id"),
        ({"title": "Lamp", "version": "99"}, "/version"),
        ({"title": "Lamp", "id": "0198c0de-0000-7000-8000-000000000000"}, "/id"),
        ({"title": "Lamp", "created_at": "2020-01-01T00:00:00Z"}, "/created_at"),
    ],
)
async def test_what_an_item_cannot_be_is_said_and_nothing_changes(
    desk: Browser, ada: Person, database: asyncpg.Connection, fields: dict[str, str], pointer: str
) -> None:
    item = await item_of(ada)
    before = await rows(database)

    answer = await desk.send(f"/items/{item}", revision="1", **fields)

    assert answer.status_code == 422
    assert re.findall(r"<li><code>([^<]*)</code>", answer.text) == [pointer]
    assert await rows(database) == before


@pytest.mark.parametrize("name", ["role", "is_active", "email", "password_hash", "id"])
async def test_a_decision_about_accounts_takes_no_other_field(
    desk: Browser, ada: Person, database: asyncpg.Connection, name: str
) -> None:
    before = await rows(database)

    fields = {"action": "end-sessions", "selected": f"{ada.id}@1", name: "admin"}
    answer = await desk.send("/users/question", seen="/users", **fields)

    assert (answer.status_code, f"/{name}" in answer.text) == (422, True)
    assert await rows(database) == before


async def test_many_items_are_deleted_after_a_question_and_all_or_none(
    desk: Browser, ada: Person, database: asyncpg.Connection
) -> None:
    items = [await item_of(ada) for _ in range(3)]
    question = await desk.get("/items/question", params={"action": "delete", "selected": items})
    asked = await database.fetchval("SELECT count(*) FROM items")
    fields = {"action": "delete", "selected": hidden(question, "selected")}
    await ada.client.patch(f"/items/{items[1]}", json={"title": "Chair"}, headers={"If-Match": '"1"'})

    stale = await desk.send("/items/question", seen="", **fields)
    kept = await database.fetchval("SELECT count(*) FROM items")
    answer = await answer_yes(desk, "/items", "delete", *items)

    assert (asked, stale.status_code, kept, answer.status_code) == (3, 412, 3, 303)
    assert await database.fetchval("SELECT count(*) FROM items") == 0


async def test_who_ticks_nothing_is_told_so(desk: Browser) -> None:
    answer = await desk.get("/items/question", params={"action": "delete"})

    assert (answer.status_code, "Tick at least one row first." in answer.text) == (400, True)


@pytest.mark.parametrize("section", ["/users", "/items", "/jobs"])
async def test_nothing_is_asked_about_what_no_button_does(desk: Browser, ada: Person, section: str) -> None:
    answer = await desk.get(f"{section}/question", params={"action": "explode", "selected": ada.id})

    assert answer.status_code == 422


async def test_lists_go_on_where_they_ended(desk: Browser, ada: Person) -> None:
    await ada.client.post("/items/bulk", json={"items": [{"title": f"Lamp {n:02}"} for n in range(45)]})
    titles: list[str] = []
    query = "?sort=title&q=lamp&status="
    while query and len(titles) < 100:
        page = await desk.get(f"/items{query}")
        titles += re.findall(r">(Lamp \d\d)</a>", page.text)
        query = "".join(map(unescape, re.findall(r'rel="next" href="([^"]+)"', page.text)))

    assert titles == [f"Lamp {n:02}" for n in range(45)]
    assert (await desk.get("/items?sort=title&cursor=made-up")).status_code == 400


async def test_what_people_write_is_shown_and_never_obeyed(
    desk: Browser, register: Register, database: asyncpg.Connection
) -> None:
    mallory = await register("Mallory")
    await mallory.client.patch("/users/me", json={"name": EVIL[:100]})
    item = await item_of(mallory, title=EVIL, description=EVIL, tags=[EVIL[:50]])
    await mallory.client.post("/items/import", content=b"title\nLamp\n", headers={"Content-Type": "text/csv"})
    await database.execute(
        "UPDATE jobs SET error = $1::text, result = jsonb_build_object('errors', $1::text)", EVIL
    )
    hook = (await mallory.client.post("/webhooks", json=HOOK)).json()["id"]
    await item_of(mallory)
    await database.execute(
        "UPDATE webhook_deliveries SET attempts = jsonb_build_array(jsonb_build_object("
        "'status_code', 500, 'error', null, 'response', $1::text))",
        EVIL,
    )
    job = await database.fetchval("SELECT id FROM jobs")

    places = ["", "/users", f"/users/{mallory.id}", "/items", f"/items/{item}", "/jobs", f"/jobs/{job}"]
    places += [f"/webhooks/{hook}", "/audit", f"/items/question?action=delete&selected={item}"]
    for place in [*places, "/items?q=%3Cscript%3E%22", "/audit?actor_id=%22%3E%3Cb%3E", "/%3Cscript%3E"]:
        assert_inert(await desk.get(place))
    assert "&lt;script&gt;alert(1)" in (await desk.get(f"/items/{item}")).text


async def test_a_batch_job_is_started_with_checked_parameters_followed_and_cancelled(
    desk: Browser, admin: Person, database: asyncpg.Connection
) -> None:
    form = (await desk.get("/jobs/batches/items.archive")).text
    assert 'type="number" name="older_than_days"' in form
    assert 'min="1" max="36500" required' in form

    for wrong in ("0", "x", "1.5", "[1]", "1e999", "[" * 5000):
        answer = await desk.send("/jobs/batches/items.archive", older_than_days=wrong)
        assert (answer.status_code, "/older_than_days" in answer.text) == (422, True), wrong
    assert (await desk.send("/jobs/batches/items.archive", other="1")).status_code == 422
    assert await database.fetchval("SELECT count(*) FROM jobs") == 0

    started = await desk.send("/jobs/batches/items.archive", older_than_days="30")
    job = started.headers["location"].removeprefix("/admin/jobs/").partition("?")[0]
    page = (await desk.get(f"/jobs/{job}")).text
    assert ("queued" in page, 'http-equiv="refresh"' in page) == (True, True)
    assert (await newest(admin, "job.started"))["target_id"] == job

    await answer_yes(desk, "/jobs", "cancel", job)
    again = await answer_yes(desk, "/jobs", "cancel", job)
    assert (again.status_code, "The job has ended." in again.text) == (409, True)
    assert 'http-equiv="refresh"' not in (await desk.get(f"/jobs/{job}")).text

    await answer_yes(desk, "/jobs", "retry", job)
    assert (await admin.client.get(f"/jobs/{job}")).json()["status"] == "queued"


async def test_a_batch_job_that_there_is_not_is_not_found(desk: Browser) -> None:
    assert (await desk.get("/jobs/batches/nothing")).status_code == 404
    assert (await desk.send("/jobs/batches/nothing", seen="")).status_code == 404


async def test_a_dead_job_is_retried_and_a_waiting_one_taken_out(
    desk: Browser, database: asyncpg.Connection
) -> None:
    add = """
        INSERT INTO procrastinate_jobs (queue_name, task_name, status, args)
        VALUES ('nowhere', 'unknown', 'failed', '{"sealed": "c2VjcmV0"}') RETURNING id
    """
    number = await database.fetchval(add)
    page = (await desk.get("/queue", params={"status": "failed"})).text
    assert ("unknown" in page, "c2VjcmV0" in page) == (True, False)
    status = "SELECT status::text FROM procrastinate_jobs WHERE id = $1"

    assert (await desk.send(f"/queue/{number}/retry", seen="")).status_code == 303
    assert await database.fetchval(status, number) == "todo"
    assert (await desk.send(f"/queue/{number}/retry", seen="")).status_code == 409
    assert (await desk.send(f"/queue/{number}/cancel", seen="")).status_code == 303
    assert await database.fetchval(status, number) == "cancelled"


async def test_somebodys_delivery_is_sent_again_by_the_administrator_who_is_named(
    desk: Browser, ada: Person, admin: Person, database: asyncpg.Connection
) -> None:
    hook = (await ada.client.post("/webhooks", json=HOOK)).json()["id"]
    await item_of(ada)
    await database.execute("UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL")
    delivery = str(await database.fetchval("SELECT id FROM webhook_deliveries"))
    assert HOOK["url"] in (await desk.get("/webhooks")).text
    assert delivery in (await desk.get(f"/webhooks/{hook}", params={"status": "failed"})).text

    answer = await answer_yes(desk, f"/webhooks/{hook}", "redeliver", delivery)

    assert answer.headers["location"] == f"/admin/webhooks/{hook}?done=redeliver"
    assert await database.fetchval("SELECT status FROM webhook_deliveries") == "pending"
    event = await newest(admin, "webhook.redelivered")
    assert (event["actor_id"], event["target_id"]) == (admin.id, hook)

    await ada.client.patch(f"/webhooks/{hook}", json={"is_active": False})
    refused = await answer_yes(desk, f"/webhooks/{hook}", "redeliver", delivery)
    assert (refused.status_code, "The webhook is not active." in refused.text) == (409, True)


async def test_the_audit_trail_is_filtered_and_cannot_be_changed(desk: Browser, ada: Person) -> None:
    await item_of(ada)

    mine = (await desk.get("/audit", params={"action": "item.created", "actor_id": ada.id})).text

    assert re.findall(r"<code>([\w.]+)</code>", mine) == ["item.created"]
    assert (await desk.client.post("/audit", headers=HERE)).status_code == 405


async def test_every_page_and_error_has_a_policy_under_which_nothing_runs(desk: Browser) -> None:
    answers = [await desk.get(path) for path in ("", "/login", "/users/nobody", "/nowhere", "/items?q=")]
    answers += [await desk.client.post("/logout"), await desk.client.put("/users")]

    assert [each.status_code for each in answers] == [200, 200, 422, 404, 200, 403, 405]
    for each in answers:
        policy = each.headers["content-security-policy"]
        assert each.headers["content-type"] == "text/html; charset=utf-8"
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'")
        assert "unsafe" not in policy
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["referrer-policy"] == "same-origin"
        assert each.headers["x-content-type-options"] == "nosniff"
        assert_inert(each)


async def test_a_head_of_a_refused_page_has_no_body(desk: Browser) -> None:
    answer = await desk.client.head("/nowhere")

    assert (answer.status_code, answer.text) == (404, "")


async def test_the_api_and_other_places_keep_their_own_answers(anonymous: AsyncClient) -> None:
    for path in ("/nowhere", "http://localhost/nowhere", "http://localhost/administration"):
        answer = await anonymous.get(path)

        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_no_page_shows_a_secret(desk: Browser, ada: Person, database: asyncpg.Connection) -> None:
    start = await ada.client.post("/auth/two-factor", json={"current_password": PASSWORD})
    code = {"code": TOTP(start.json()["secret"]).now()}
    shown = (await ada.client.post("/auth/two-factor/confirm", json=code)).json()["recovery_codes"]
    shown += [start.json()["secret"], PASSWORD]
    hook = (await ada.client.post("/webhooks", json=HOOK)).json()
    key = await ada.client.post("/api-keys", json={"name": "Import", "scopes": ["items:read"]})
    await item_of(ada)
    secrets = [*shown, hook["secret"], key.json()["key"], desk.cookie(), "argon2", *await stored(database)]

    pages = await crawl(desk)

    assert {f"/admin/users/{ada.id}", f"/admin/webhooks/{hook['id']}"} <= pages.keys()
    assert [(path, each) for path, page in pages.items() for each in secrets if each in page] == []


async def stored(database: asyncpg.Connection) -> list[str]:
    """What the database keeps of secrets, as somebody might print it."""
    query = """
        SELECT password_hash FROM users UNION ALL
        SELECT unnest(ARRAY[encode(bytes, 'hex'), encode(bytes, 'base64')]) FROM (
            SELECT sealed FROM webhooks UNION ALL SELECT sealed FROM two_factor_secrets UNION ALL
            SELECT code_hash FROM recovery_codes UNION ALL SELECT token_hash FROM refresh_tokens UNION ALL
            SELECT key_hash FROM api_keys
        ) AS found (bytes)
    """
    return [row[0] for row in await database.fetch(query)]


async def crawl(desk: Browser) -> dict[str, str]:
    """Every page that links lead to."""
    waiting, pages = ["/admin"], dict[str, str]()
    while waiting:
        path = waiting.pop()
        page = await desk.get(f"http://localhost{path}")
        assert page.status_code == 200, path
        pages[path] = page.text
        links = {unescape(each) for each in re.findall(r'href="(/admin[^"]*)"', page.text)}
        waiting += [
            each for each in links if each not in pages and each not in waiting and "assets" not in each
        ]
    return pages
