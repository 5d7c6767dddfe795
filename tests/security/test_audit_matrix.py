"""No change goes unnoticed: every mutating operation of the document leaves its event in the trail."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response
from pyotp import TOTP

from app.core.config import Settings
from tests.apps import UNCONNECTED, app_of
from tests.post_office import PostOffice, text
from tests.queue.support import employed, settled
from tests.receiving import receiving, status
from tests.support import ANY_VERSION, PASSWORD, Person, make_settings

APP = app_of(UNCONNECTED)
OPERATIONS = {
    operation["operationId"]
    for path, methods in APP.openapi()["paths"].items()
    for method, operation in methods.items()
    if method not in {"get", "head"}
}
OPERATIONS -= {"make_predictions"}  # which changes nothing, and keeps nothing
NEW_PASSWORD = "a staple for the battery"
PROOF = {"current_password": PASSWORD}


@dataclass
class World:
    """Who and what a change needs."""

    ada: Person
    admin: Person
    anonymous: AsyncClient
    office: PostOffice
    database: asyncpg.Connection

    def token(self) -> str:
        """The one of the newest mail."""
        [token] = re.findall(r"^[\w-]{43}$", text(self.office.mails[-1]), re.MULTILINE)
        return str(token)

    async def made(self, path: str, body: dict[str, Any]) -> str:
        """The path of something new of Ada's."""
        answer = await self.ada.client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return f"{path}/{answer.json()['id']}"

    async def imported(self) -> Response:
        file, headers = b"title\nLamp\n", {"Content-Type": "text/csv"}
        return await self.ada.client.post("/items/import", content=file, headers=headers)

    async def item(self) -> str:
        return await self.made("/items", {"title": "Lamp"})

    async def two_factor(self, *, on: bool = True) -> dict[str, str]:
        """A proof for Ada's second factor, which is on or only begun."""
        secret = (await self.ada.client.post("/auth/two-factor", json=PROOF)).json()["secret"]
        code = TOTP(secret).at(time.time())
        if not on:
            return {"code": code}
        confirmed = await self.ada.client.post("/auth/two-factor/confirm", json={"code": code})
        return PROOF | {"code": confirmed.json()["recovery_codes"][0]}


async def log_in(world: World) -> Response:
    form = {"username": world.ada.email, "password": PASSWORD}
    return await world.anonymous.post("/auth/token", data=form)


async def refresh(world: World) -> Response:
    token = (await log_in(world)).json()["refresh_token"]
    return await world.anonymous.post("/auth/refresh", json={"refresh_token": token})


async def end_session(world: World) -> Response:
    [session] = (await world.ada.client.get("/auth/sessions")).json()["items"]
    return await world.ada.client.delete(f"/auth/sessions/{session['id']}")


async def reset_password(world: World) -> Response:
    await world.anonymous.post("/auth/password-reset", json={"email": world.ada.email})
    await settled(world.database)  # mailed by a job
    body = {"token": world.token(), "new_password": NEW_PASSWORD}
    return await world.anonymous.post("/auth/password-reset/confirm", json=body)


async def reset_two_factor(world: World) -> Response:
    await world.two_factor()
    return await world.admin.client.delete(f"/users/{world.ada.id}/two-factor")


async def rotate_webhook_secret(world: World) -> Response:
    hook = await world.made("/webhooks", WEBHOOK)
    return await world.ada.client.post(f"{hook}/rotate-secret")


async def redeliver(world: World) -> Response:
    async with receiving(status(200)) as receiver:
        hook = await world.made("/webhooks", WEBHOOK | {"url": f"http://127.0.0.1:{receiver.port}/"})
        await world.item()
        await settled(world.database)
        [delivery] = (await world.ada.client.get(f"{hook}/deliveries")).json()["items"]
        answer = await world.ada.client.post(f"{hook}/deliveries/{delivery['id']}/redeliver")
        await settled(world.database)
    return answer


def by_ada(method: str, path: Any, body: Any = None) -> Callable[[World], Awaitable[Response]]:  # noqa: ANN401
    """A request of Ada's; what it names or proves may have to be made first."""

    async def change(world: World) -> Response:
        target = await path(world) if callable(path) else path
        content = await body(world) if callable(body) else body
        return await world.ada.client.request(method, target, json=content, headers=ANY_VERSION)

    return change


def by_admin(method: str, body: Any = None) -> Callable[[World], Awaitable[Response]]:  # noqa: ANN401
    """A request of the administrator's about Ada."""
    return lambda world: world.admin.client.request(method, f"/users/{world.ada.id}", json=body)


WEBHOOK = {"url": "https://93.184.215.14/hook", "events": ["item.created"]}


def change_job(verb: str, status: str) -> Callable[[World], Awaitable[Response]]:
    """Ada changes a job of hers that is of this status."""

    async def change(world: World) -> Response:
        job = (await world.imported()).json()
        await settled(world.database)
        finished = None if status == "queued" else datetime.now(UTC)
        await world.database.execute("UPDATE jobs SET status = $1, finished_at = $2", status, finished)
        return await world.ada.client.post(f"/jobs/{job['id']}/{verb}")

    return change


def change_queue_job(verb: str, status: str) -> Callable[[World], Awaitable[Response]]:
    """The administrator changes a row of the queue that is of this status, and that no worker knows."""

    async def change(world: World) -> Response:
        number = await world.database.fetchval(UNKNOWN_JOB, status)
        return await world.admin.client.post(f"/queue/jobs/{number}/{verb}")

    return change


UNKNOWN_JOB = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at)
    VALUES ('nowhere', 'unknown', $1::text::procrastinate_job_status, now()) RETURNING id
"""
RELOAD = "/predictions/model/reload"
KEY = {"name": "Import", "scopes": ["items:read"]}
NEWCOMER = {"email": "new@example.com", "password": PASSWORD, "name": "New"}
CHANGES: dict[str, tuple[str, Callable[[World], Awaitable[Response]]]] = {
    "create_user": ("user.registered", lambda world: world.anonymous.post("/users", json=NEWCOMER)),
    "update_me": ("profile.changed", by_ada("PATCH", "/users/me", {"age": 36})),
    "delete_me": ("user.deleted", by_ada("DELETE", "/users/me", PROOF)),
    "change_email": (
        "email.change_requested",
        by_ada("POST", "/users/me/email", PROOF | {"email": "new@example.com"}),
    ),
    "change_password": (
        "password.changed",
        by_ada("PUT", "/users/me/password", PROOF | {"new_password": NEW_PASSWORD}),
    ),
    "update_user": ("user.changed", by_admin("PATCH", {"is_active": False})),
    "delete_user": ("user.deleted", by_admin("DELETE")),
    "reset_two_factor": ("two_factor.disabled", reset_two_factor),
    "create_token": ("login.succeeded", log_in),
    "refresh_token": ("session.refreshed", refresh),
    "log_out": ("session.ended", by_ada("POST", "/auth/logout")),
    "log_out_everywhere": ("sessions.ended", by_ada("POST", "/auth/logout-all")),
    "end_session": ("session.ended", end_session),
    "verify_email": (
        "email.confirmed",
        lambda world: world.anonymous.post("/auth/verify-email", json={"token": world.token()}),
    ),
    "resend_verification": ("email.verification_requested", by_ada("POST", "/auth/verify-email/resend")),
    "request_password_reset": (
        "password.reset_requested",
        lambda world: world.anonymous.post("/auth/password-reset", json={"email": world.ada.email}),
    ),
    "reset_password": ("password.reset", reset_password),
    "start_two_factor": ("two_factor.started", by_ada("POST", "/auth/two-factor", PROOF)),
    "confirm_two_factor": (
        "two_factor.enabled",
        by_ada("POST", "/auth/two-factor/confirm", lambda world: world.two_factor(on=False)),
    ),
    "disable_two_factor": ("two_factor.disabled", by_ada("DELETE", "/auth/two-factor", World.two_factor)),
    "renew_recovery_codes": (
        "recovery_codes.renewed",
        by_ada("POST", "/auth/two-factor/recovery-codes", World.two_factor),
    ),
    "create_api_key": ("api_key.created", by_ada("POST", "/api-keys", KEY)),
    "revoke_api_key": ("api_key.revoked", by_ada("DELETE", lambda world: world.made("/api-keys", KEY))),
    "reload_prediction_model": ("prediction_model.loaded", lambda world: world.admin.client.post(RELOAD)),
    "create_item": ("item.created", by_ada("POST", "/items", {"title": "Lamp"})),
    "create_items": ("item.created", by_ada("POST", "/items/bulk", {"items": [{"title": "Lamp"}]})),
    "replace_item": ("item.changed", by_ada("PUT", World.item, {"title": "Chair"})),
    "update_item": ("item.changed", by_ada("PATCH", World.item, {"title": "Chair"})),
    "delete_item": ("item.deleted", by_ada("DELETE", World.item)),
    "create_webhook": ("webhook.created", by_ada("POST", "/webhooks", WEBHOOK)),
    "update_webhook": (
        "webhook.changed",
        by_ada("PATCH", lambda world: world.made("/webhooks", WEBHOOK), {"is_active": False}),
    ),
    "delete_webhook": ("webhook.deleted", by_ada("DELETE", lambda world: world.made("/webhooks", WEBHOOK))),
    "rotate_webhook_secret": ("webhook.secret_rotated", rotate_webhook_secret),
    "repeat_delivery": ("webhook.redelivered", redeliver),
    "import_items": ("job.started", lambda world: world.imported()),
    "cancel_job": ("job.cancelled", change_job("cancel", "queued")),
    "retry_job": ("job.retried", change_job("retry", "failed")),
    "start_batch_job": (
        "job.started",
        lambda world: world.admin.client.post("/batch-jobs/items.archive", json={"older_than_days": 30}),
    ),
    "retry_queue_job": ("queue_job.retried", change_queue_job("retry", "failed")),
    "cancel_queue_job": ("queue_job.cancelled", change_queue_job("cancel", "todo")),
}


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": office.port, "smtp_tls": "none"}
    webhook = {"allowed_networks": ["127.0.0.0/8"]}
    return make_settings(settings.database_url.get_secret_value(), mail=mail, webhook=webhook)


def test_every_mutating_operation_has_a_line() -> None:
    assert set(CHANGES) == OPERATIONS


@pytest.fixture
async def world(
    admin: Person, ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> World:
    return World(ada, admin, anonymous, office, database)


@pytest.fixture(autouse=True)
async def mail_worker(settings: Settings) -> AsyncIterator[None]:
    async with employed(settings):
        yield


@pytest.mark.parametrize("operation", CHANGES)
async def test_a_change_leaves_its_event_with_the_request_that_made_it(world: World, operation: str) -> None:
    action, change = CHANGES[operation]

    answer = await change(world)
    await world.database.execute("DELETE FROM procrastinate_jobs WHERE queue_name = 'nowhere'")
    await settled(world.database)

    assert answer.is_success, answer.text
    events = (await world.admin.client.get("/audit-events", params={"action": action})).json()["items"]
    [event] = [each for each in events if each["request_id"] == answer.headers["x-request-id"]]
    assert event["address"] in {"127.0.0.1", None}
    assert event["target_id"]
