"""What administrators do leaves its event, and what they type leaves nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
import pytest
from httpx2 import Response

from tests.admin_ui.support import HERE, ROUTES, Browser, at_desk, hidden
from tests.support import PASSWORD, Person

CANARY = "canary7f3Kq"
HOOK = {"url": "https://93.184.215.14/hook", "events": ["item.created"]}
DEAD = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('nowhere', 'unknown', 'failed')
    RETURNING id
"""
# Every form, with what it is sent, and the event that it leaves. In this order: each finds what it changes.
FORMS: list[tuple[str, dict[str, str], str]] = [
    ("/login", {"email": "grace@example.com", "password": PASSWORD}, "login.succeeded"),
    ("/users/question", {"action": "disable"}, "user.changed"),
    ("/users/question", {"action": "enable"}, "user.changed"),
    ("/users/question", {"action": "promote"}, "user.changed"),
    ("/users/question", {"action": "demote"}, "user.changed"),
    ("/users/question", {"action": "end-sessions"}, "sessions.ended"),
    ("/users/question", {"action": "reset-second-factor"}, "two_factor.disabled"),
    ("/items/{item_id}", {"title": "Chair"}, "item.changed"),
    ("/items/question", {"action": "activate"}, "item.changed"),
    ("/items/question", {"action": "archive"}, "item.changed"),
    ("/webhooks/{webhook_id}/question", {"action": "redeliver"}, "webhook.redelivered"),
    ("/items/question", {"action": "delete"}, "item.deleted"),
    ("/jobs/batches/{name}", {"older_than_days": "30"}, "job.started"),
    ("/jobs/question", {"action": "cancel"}, "job.cancelled"),
    ("/jobs/question", {"action": "retry"}, "job.retried"),
    ("/queue/{number}/retry", {}, "queue_job.retried"),
    ("/queue/{number}/cancel", {}, "queue_job.cancelled"),
    ("/logout", {}, "session.ended"),
]


@dataclass
class Things:
    """What the forms are about."""

    desk: Browser
    names: dict[str, str]

    async def send(self, form: str, fields: dict[str, str]) -> Response:
        """Fill in a form as its page shows it."""
        path, seen, params = form.format_map(self.names), "/login" if form == "/login" else "", None
        if form.endswith("/question"):
            kind = {"/u": "user_id", "/i": "item_id", "/j": "job_id", "/w": "delivery_id"}[form[:2]]
            seen, params = path, {"action": fields["action"], "selected": self.names[kind]}
        if form == "/items/{item_id}":
            seen = path
        page = await self.desk.get(seen, params=params)
        own = "selected" if form.endswith("/question") else "revision"
        shown = {own: hidden(page, own)[0]} if hidden(page, own) else {}
        data = {"form_token": hidden(page, "form_token")[0]} | shown | fields
        return await self.desk.client.post(path, data=data, headers=HERE)


@pytest.fixture
async def things(browser: Browser, admin: Person, ada: Person, database: asyncpg.Connection) -> Things:
    """A browser that nobody has logged in with, and something of every kind."""
    await at_desk(browser, admin)
    hook = (await ada.client.post("/webhooks", json=HOOK)).json()
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    await database.execute("UPDATE users SET two_factor = true WHERE id = $1", ada.id)
    names = {"user_id": ada.id, "item_id": item["id"], "webhook_id": hook["id"], "name": "items.archive"}
    names["delivery_id"] = str(await database.fetchval("SELECT id FROM webhook_deliveries"))
    names["number"] = str(await database.fetchval(DEAD))
    return Things(browser, names)


def test_every_form_has_a_line() -> None:
    assert {f"/admin{path}" for path, _, _ in FORMS} == {path for method, path in ROUTES if method == "POST"}


async def test_what_a_form_changes_leaves_its_event_with_who_did_it_and_the_request(
    things: Things, admin: Person, database: asyncpg.Connection
) -> None:
    for form, fields, action in FORMS:
        answer = await things.send(form, fields)

        assert answer.status_code == 303, (form, answer.text)
        if "/admin/jobs/" in answer.headers["location"]:
            things.names["job_id"] = re.findall(r"/jobs/([\w-]+)", answer.headers["location"])[0]
        event = "SELECT action, actor_id::text, address FROM audit_events WHERE request_id = $1"
        events = [tuple(each) for each in await database.fetch(event, answer.headers["x-request-id"])]
        assert events == [(action, admin.id, "127.0.0.1")], form


async def test_what_is_typed_is_in_no_log_no_metric_and_no_refusal(
    desk: Browser, logs: Callable[[], str]
) -> None:
    token = await desk.token("")
    fields = dict.fromkeys(("email", "password", "code", "title", "selected", "action"), CANARY)
    data = {"form_token": token, **fields}
    headers = HERE | {"User-Agent": CANARY, "Referer": f"http://localhost/{CANARY}"}
    answers = [await desk.send("/login", email=CANARY, password=CANARY, code=CANARY)]
    for method, path in [route for route in ROUTES if not route[1].endswith("logout")]:
        where = re.sub(r"\{\w+\}", CANARY, path.removeprefix("/admin"))
        forms = [data, {"form_token": CANARY}] if method == "POST" else [None]
        for form in forms:
            params = {} if form else {"q": CANARY, "status": CANARY, "cursor": CANARY}
            request = desk.client.request(method, where, params=params, data=form, headers=headers)
            answers.append(await request)
    stranger = await desk.client.get("", headers={"Cookie": f"admin_ui={CANARY}"})
    metrics = await desk.get("http://localhost/metrics")

    logged = logs()
    assert len(answers) > 25
    assert "/admin/items/{item_id}" in logged
    for secret in (CANARY, token, desk.cookie(), PASSWORD):
        assert secret not in logged
        assert secret not in metrics.text
    assert [each.url for each in [*answers, stranger] if each.is_error and CANARY in each.text] == []
