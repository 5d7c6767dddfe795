"""What people send, secret or not, appears in no log, no metric and no refusal (ASVS 16.2.5)."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response

from app.core import migrations
from app.main import create_app
from tests.apps import UNCONNECTED, app_of
from tests.support import Person, connect, make_settings, open_client, running

CANARY = "canary7f3Kq"
LOST_MAIL = {"smtp_host": "127.0.0.1", "smtp_port": 1}  # the console transport prints mails: its purpose
OPERATIONS = [
    (method.upper(), path)
    for path, methods in app_of(UNCONNECTED).openapi()["paths"].items()
    for method in methods
]
FIELDS = [
    "email",
    "password",
    "name",
    "age",
    "title",
    "status",
    "tags",
    "currency",
    "username",
    "role",
    "url",
    "events",
    "inputs",
]
HEADERS = {
    "Cookie": f"session={CANARY}",
    "X-Api-Key": CANARY,
    "X-Request-ID": f"{CANARY} {CANARY}",
    "Idempotency-Key": CANARY,
    "User-Agent": CANARY,
    "Referer": f"http://localhost/?token={CANARY}",
    "Origin": f"http://{CANARY}.example",
    "X-Forwarded-For": CANARY,
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def own_database(fresh_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    await migrations.migrate(make_settings(fresh_database_url))
    connection = await connect(fresh_database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def mallory(own_database: asyncpg.Connection, fresh_database_url: str) -> AsyncIterator[Person]:
    """Somebody whose name, address and password are canaries."""
    assert not own_database.is_closed()
    settings = make_settings(fresh_database_url, mail=LOST_MAIL)
    async with running(create_app(settings)) as service, open_client(service) as client:
        person = Person(f"{CANARY}.{CANARY}", client, password=f"violet {CANARY} teapots")
        assert (await client.post("/users", json=person.registration)).status_code == 201
        await person.log_in()
        yield person


async def everywhere(client: AsyncClient, method: str, path: str) -> list[Response]:
    """Answers to canaries in every place of one operation."""
    url = "http://localhost" + re.sub(r"\{\w+\}", CANARY, path)
    requests: list[dict[str, Any]] = [
        {"params": dict.fromkeys(["q", "tag", "cursor", "status", "sort", "limit", "role"], CANARY)},
        {"headers": HEADERS},
        {"headers": {"Authorization": f"Bearer {CANARY}"}},
        {"headers": {"Authorization": f"Basic {CANARY}"}},
        {"headers": {"Host": f"{CANARY}.example"}},
        {"headers": {"Content-Type": f"text/{CANARY}"}, "content": CANARY},
        {"headers": {"Content-Type": "application/json"}, "content": f'{{"password": "{CANARY}'},
        {"headers": {"Content-Type": "application/json"}, "content": f'"{CANARY}"'},
        {"json": dict.fromkeys(FIELDS, CANARY)},
        {"json": {name: [CANARY] for name in FIELDS}},
        {"json": {name: {"secret": CANARY} for name in FIELDS}},
        {"data": dict.fromkeys(FIELDS, CANARY)},
        {"data": dict.fromkeys(FIELDS, CANARY) | {"grant_type": CANARY}},
        {"files": {"password": (CANARY, CANARY.encode())}},
    ]
    answers = [await client.request(method, url, **request) for request in requests]
    return [*answers, await client.request(CANARY.upper(), url), await client.get(f"/{CANARY}?{CANARY}")]


async def test_what_people_send_is_in_no_log_no_metric_and_no_refusal(
    mallory: Person, logs: Callable[[], str], own_database: asyncpg.Connection
) -> None:
    answers = [answer for each in OPERATIONS for answer in await everywhere(mallory.client, *each)]
    metrics = await mallory.client.get("http://localhost/metrics")
    hashed = await own_database.fetchval("SELECT password_hash FROM users")

    logged = logs()
    assert [path for _, path in OPERATIONS if path not in logged] == []
    token = mallory.client.headers["Authorization"].removeprefix("Bearer ")
    for secret in (CANARY, CANARY.upper(), token, hashed):
        assert secret not in logged
        assert secret not in metrics.text
    assert [answer.text for answer in answers if answer.is_error and CANARY in answer.text] == []


@pytest.mark.parametrize(
    "breakage",
    [
        "ALTER TABLE items ADD CONSTRAINT impossible CHECK (false) NOT VALID",
        "DELETE FROM items; ALTER TABLE items ADD COLUMN needed text NOT NULL",
        "CREATE UNIQUE INDEX ON items (title)",
        "DROP TABLE items",
    ],
)
async def test_a_failure_is_logged_with_its_cause_and_without_the_row(
    mallory: Person, logs: Callable[[], str], own_database: asyncpg.Connection, breakage: str
) -> None:
    item = {"title": CANARY, "description": f"first\n{CANARY}\nlast", "tags": [CANARY]}
    assert (await mallory.client.post("/items", json=item)).status_code == 201
    await own_database.execute(breakage)

    answer = await mallory.client.post("/items", json=item)

    logged = logs()
    assert (answer.status_code, CANARY in answer.text) == (500, False)
    assert "Traceback" in logged
    assert "asyncpg.exceptions" in logged
    assert CANARY not in logged
