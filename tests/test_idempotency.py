"""Idempotency-Key: whoever repeats a creation gets the first answer, and nothing happens twice."""

import asyncio
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from httpx2 import AsyncClient, Response

from app.core import migrations
from app.core.config import Settings
from app.core.database import open_database
from app.core.errors import DomainError, Forbidden, NotAuthenticated, NotFound, Unavailable
from app.core.throttle import Allowance, Policy, TooManyRequests
from app.core.vault import Vault
from app.dependencies.idempotency import is_final
from app.main import ANONYMOUS_TURNS, create_app
from app.services.idempotency_service import IdempotencyService, RequestInProgress
from app.services.user_service import EmailTaken
from tests.apps import UNCONNECTED, app_of
from tests.conftest import Register
from tests.faults.test_durability import FAIL_AT_COMMIT
from tests.processes import BLOCKED, Service, eventually, is_blocked, joined, serving
from tests.support import PASSWORD, Person, assert_problem, connect, make_settings, open_client, running

LAMP = {"title": "Lamp"}
REGISTRATION = {"email": "new@example.com", "password": PASSWORD, "name": "New"}
CREATIONS: list[tuple[str, dict[str, Any]]] = [
    ("/items", LAMP),
    ("/users", REGISTRATION),
    ("/api-keys", {"name": "Import", "scopes": ["items:read"]}),
    ("/webhooks", {"url": "https://93.184.215.14/", "events": ["item.created"]}),
]
BATCH = ("/batch-jobs/items.archive", {"older_than_days": 30})
COUNT = "SELECT count(*) FROM {}"


def keyed(key: str = "k-1") -> dict[str, str]:
    return {"Idempotency-Key": key}


def assert_replayed(answer: Response, first: Response) -> None:
    """The first answer again: status, body and headers, but for what names and counts the request."""
    own = ("x-request-id", "idempotency-replayed", "ratelimit")
    kept = [(name, value) for name, value in answer.headers.items() if name not in own]
    assert answer.headers.get("idempotency-replayed") == "true", answer.text
    assert "idempotency-replayed" not in first.headers
    assert (answer.status_code, answer.content) == (first.status_code, first.content)
    assert sorted(kept) == sorted(pair for pair in first.headers.items() if pair[0] not in own)


async def count(database: asyncpg.Connection, table: str) -> int:
    return int(await database.fetchval(COUNT.format(table)))


@pytest.mark.parametrize(("path", "body"), CREATIONS)
async def test_a_repeated_creation_gets_the_first_answer_and_makes_one_row(
    ada: Person, database: asyncpg.Connection, path: str, body: dict[str, Any]
) -> None:
    table = path.strip("/").replace("-", "_")
    before = await count(database, table)

    first = await ada.client.post(path, json=body, headers=keyed())
    again = await ada.client.post(path, json=body, headers=keyed())
    other = await ada.client.post(path, json=body | {"name": "Other", "title": "Other"}, headers=keyed())
    query = await ada.client.post(f"{path}?a=b", json=body, headers=keyed())

    assert (first.status_code, "location" in first.headers) == (201, True)
    assert_replayed(again, first)
    assert_problem(other, 422, "idempotency-key-reused")
    assert_problem(query, 422, "idempotency-key-reused")
    assert await count(database, table) == before + 1


async def test_a_repeated_start_of_a_batch_job_is_the_first_job(
    admin: Person, database: asyncpg.Connection
) -> None:
    path, body = BATCH
    first = await admin.client.post(path, json=body, headers=keyed())
    again = await admin.client.post(path, json=body, headers=keyed())

    assert first.status_code == 202
    assert_replayed(again, first)
    assert await count(database, "jobs") == 1


async def test_a_key_belongs_to_its_caller_and_path(
    ada: Person, bob: Person, anonymous: AsyncClient, database: asyncpg.Connection
) -> None:
    mine = await ada.client.post("/items", json=LAMP, headers=keyed())
    his = await bob.client.post("/items", json=LAMP, headers=keyed())
    nobodys = await anonymous.post("/items", json=LAMP, headers=keyed())
    elsewhere = await ada.client.post("/api-keys", json=CREATIONS[2][1], headers=keyed())

    assert (mine.json()["owner_id"], his.json()["owner_id"]) == (ada.id, bob.id)
    assert_problem(nobodys, 401, "missing-token")
    assert elsewhere.status_code == 201
    assert await count(database, "idempotency_keys") == 3


async def test_registering_with_a_known_key_but_another_password_shows_nothing(
    anonymous: AsyncClient,
) -> None:
    await anonymous.post("/users", json=REGISTRATION, headers=keyed())

    guess = await anonymous.post("/users", json=REGISTRATION | {"password": PASSWORD * 2}, headers=keyed())

    assert_problem(guess, 422, "idempotency-key-reused")
    assert "new@example.com" not in guess.text


@pytest.mark.parametrize("key", ["", "a b", "a\tb", "ä", "k" * 256])
async def test_a_key_that_is_no_visible_ascii_of_bounded_length_is_refused(
    ada: Person, database: asyncpg.Connection, key: str
) -> None:
    answer = await ada.client.post("/items", json=LAMP, headers=[(b"Idempotency-Key", key.encode("latin-1"))])

    problem = assert_problem(answer, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert await count(database, "items") == 0


async def test_a_refusal_of_the_business_is_kept_and_a_refused_form_is_not(
    ada: Person, anonymous: AsyncClient, database: asyncpg.Connection
) -> None:
    taken = REGISTRATION | {"email": ada.email}
    refused = await anonymous.post("/users", json=taken, headers=keyed())
    await database.execute("DELETE FROM users")
    again = await anonymous.post("/users", json=taken, headers=keyed())
    invalid = await anonymous.post("/users", json={}, headers=keyed("k-2"))
    corrected = await anonymous.post("/users", json=REGISTRATION, headers=keyed("k-2"))

    assert_problem(refused, 409, "email-taken")
    assert_replayed(again, refused)
    assert_problem(invalid, 422, "validation-failed")
    assert corrected.status_code == 201


async def test_a_401_and_a_403_leave_the_key_free(ada: Person, anonymous: AsyncClient) -> None:
    key = (await ada.client.post("/api-keys", json=CREATIONS[2][1])).json()["key"]
    reader = {"Authorization": f"Bearer {key}"}

    unknown = await anonymous.post("/items", json=LAMP, headers=keyed())
    refused = await anonymous.post("/items", json=LAMP, headers=keyed() | reader)
    mine = await ada.client.post("/items", json=LAMP, headers=keyed())

    assert [each.status_code for each in (unknown, refused, mine)] == [401, 403, 201]


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (EmailTaken(""), True),
        (NotFound(""), True),
        (NotAuthenticated(""), False),
        (Forbidden(""), False),
        (TooManyRequests(Allowance(Policy.of("any", "1 per minute"), 0, 0)), False),
        (RequestInProgress(""), False),
        (Unavailable(""), False),
    ],
)
def test_only_a_refusal_that_would_come_again_is_kept(error: DomainError, *, final: bool) -> None:
    assert is_final(error) is final


@pytest.mark.parametrize(("path", "body"), CREATIONS[:2])
async def test_while_the_first_request_runs_a_repetition_is_told_to_wait(
    ada: Person, database: asyncpg.Connection, path: str, body: dict[str, Any]
) -> None:
    async with database.transaction():
        await database.execute(f"LOCK TABLE {path.strip('/')} IN SHARE MODE")
        running = asyncio.create_task(ada.client.post(path, json=body, headers=keyed()))
        await eventually(lambda: is_blocked(database))
        early = await ada.client.post(path, json=body, headers=keyed())
    first = await running

    assert_problem(early, 409, "request-in-progress")
    assert int(early.headers["retry-after"]) >= 1
    assert first.status_code == 201
    assert_replayed(await ada.client.post(path, json=body, headers=keyed()), first)


@pytest.mark.parametrize(("path", "body"), CREATIONS)
async def test_of_many_at_once_one_creates(
    ada: Person, database: asyncpg.Connection, path: str, body: dict[str, Any]
) -> None:
    table = path.strip("/").replace("-", "_")
    before = await count(database, table)

    answers = await asyncio.gather(*(ada.client.post(path, json=body, headers=keyed()) for _ in range(20)))

    fresh = [
        each for each in answers if each.status_code == 201 and "idempotency-replayed" not in each.headers
    ]
    assert len(fresh) == 1
    for each in answers:
        assert each in fresh or each.status_code == 409 or each.content == fresh[0].content
    assert await count(database, table) == before + 1


async def test_registrations_with_keys_leave_connections_to_others(
    database_url: str, database: asyncpg.Connection
) -> None:
    settings = make_settings(database_url, db={"pool_size": ANONYMOUS_TURNS + 1})

    async def blocked() -> int:
        await database.execute("SELECT pg_stat_clear_snapshot()")  # else new connections stay unseen
        return int(await database.fetchval(BLOCKED))

    async def all_turns_are_taken() -> bool:
        return await blocked() >= ANONYMOUS_TURNS

    async with running(create_app(settings)) as service, open_client(service) as client:
        async with database.transaction():
            await database.execute("LOCK TABLE users IN SHARE MODE")
            bodies = [REGISTRATION | {"email": f"new{number}@example.com"} for number in range(8)]
            waiting = [
                asyncio.create_task(client.post("/users", json=body, headers=keyed(body["email"])))
                for body in bodies
            ]
            await eventually(all_turns_are_taken)
            ready = await client.get("http://localhost/health/ready")
            holding = await blocked()
        answers = await asyncio.gather(*waiting)

    assert (ready.status_code, holding) == (200, ANONYMOUS_TURNS)
    assert {each.status_code for each in answers} == {201}


async def test_a_commit_that_fails_frees_the_key(fresh_database_url: str) -> None:
    settings = make_settings(fresh_database_url)
    await migrations.migrate(settings)
    database = await connect(fresh_database_url)
    async with running(create_app(settings)) as service, open_client(service) as client:
        ada = await joined(client, "Ada")
        await database.execute(FAIL_AT_COMMIT)
        failed = await ada.client.post("/items", json=LAMP, headers=keyed())
        kept = await count(database, "idempotency_keys")
        await database.execute("DROP TRIGGER refuse ON items")
        retried = await ada.client.post("/items", json=LAMP, headers=keyed())
    rows = await count(database, "items")
    await database.close()

    assert (failed.status_code, kept) == (500, 0)
    assert (retried.status_code, rows) == (201, 1)
    assert "idempotency-replayed" not in retried.headers


async def test_the_table_shows_no_secret_and_no_person(ada: Person, database: asyncpg.Connection) -> None:
    answers = [await ada.client.post(path, json=body, headers=keyed()) for path, body in CREATIONS]

    rows = await database.fetch("SELECT * FROM idempotency_keys")
    stored = b"\0".join(value for row in rows for value in row.values() if isinstance(value, bytes))
    assert len(rows) == len(CREATIONS)
    for plain in ("k-1", "new@example.com", PASSWORD, "Lamp", answers[2].json()["key"], "Location"):
        assert plain.encode() not in stored


async def test_answers_go_with_their_account_and_that_of_its_registration_too(
    anonymous: AsyncClient, register: Register, database: asyncpg.Connection
) -> None:
    bob = await register("Bob")
    await bob.client.post("/items", json=LAMP, headers=keyed())
    await anonymous.post("/users", json=REGISTRATION, headers=keyed())
    form = {"username": REGISTRATION["email"], "password": PASSWORD}
    token = (await anonymous.post("/auth/token", data=form)).json()["access_token"]
    new = {"Authorization": f"Bearer {token}"}
    await anonymous.post("/items", json=LAMP, headers=keyed() | new)
    assert await count(database, "idempotency_keys") == 3

    gone = await anonymous.request("DELETE", "/users/me", json={"current_password": PASSWORD}, headers=new)

    assert gone.status_code == 204
    assert [str(row["user_id"]) for row in await database.fetch("TABLE idempotency_keys")] == [bob.id]


async def test_an_answer_is_kept_for_a_day_and_swept_away_after_it(
    ada: Person, settings: Settings, database: asyncpg.Connection
) -> None:
    first = await ada.client.post("/items", json=LAMP, headers=keyed())
    kept_for = await database.fetchval("SELECT expires_at - created_at FROM idempotency_keys")
    await ada.client.post("/items", json=LAMP, headers=keyed("k-2"))
    await database.execute("UPDATE idempotency_keys SET expires_at = now()")

    second = await ada.client.post("/items", json={"title": "Chair"}, headers=keyed())

    assert 86_390 < kept_for.total_seconds() < 86_410
    assert (first.json()["title"], second.json()["title"]) == ("Lamp", "Chair")
    assert await count(database, "idempotency_keys") == 1
    await database.execute("UPDATE idempotency_keys SET expires_at = now()")
    async with open_database(settings) as opened, opened.transaction() as session:
        await IdempotencyService(session, Vault(settings)).sweep()
    assert await count(database, "idempotency_keys") == 0


async def test_an_answer_that_no_longer_opens_is_refused_rather_than_made_twice(
    ada: Person, database: asyncpg.Connection
) -> None:
    await ada.client.post("/items", json=LAMP, headers=keyed())
    await database.execute("UPDATE idempotency_keys SET sealed = 'x'")

    answer = await ada.client.post("/items", json=LAMP, headers=keyed())

    assert_problem(answer, 422, "idempotency-key-reused")
    assert await count(database, "items") == 1


def creations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (each for method, each in path.items() if method == "post" and "201" in each["responses"])


def test_every_creating_post_documents_the_key_and_what_may_come_of_it() -> None:
    found = list(creations(app_of(UNCONNECTED).openapi()))

    assert len(found) >= len(CREATIONS)
    for operation in found:
        [key] = [each for each in operation["parameters"] if each["name"] == "Idempotency-Key"]
        assert (key["in"], key["required"]) == ("header", False)
        answers = operation["responses"]
        assert "`request-in-progress`" in answers["409"]["description"]
        assert "Retry-After" in answers["409"]["headers"]
        assert "`idempotency-key-reused`" in answers["422"]["description"]
        assert {"Idempotency-Replayed", "Location"} <= answers["201"]["headers"].keys()


async def ask(service: Service, ada: Person, keys: list[str], parallel: int, done: set[str]) -> None:
    """Create an item for each key, several times at once; remember which were answered."""
    async with service.client() as client:
        client.headers = ada.client.headers

        async def once(key: str) -> None:
            try:
                answer = await client.post("/items", json={"title": key}, headers=keyed(key))
            except httpx2.TransportError:
                return  # the server was killed
            assert answer.status_code in {201, 409}, answer.text
            if answer.status_code == 201:
                done.add(key)

        for key in keys:
            await asyncio.gather(*(once(key) for _ in range(parallel)))


@pytest.mark.parametrize(("keys", "parallel"), [(10, 5), pytest.param(200, 50, marks=pytest.mark.faults)])
async def test_each_key_makes_one_row_although_the_server_is_killed_and_everything_is_retried(
    database: asyncpg.Connection, database_url: str, keys: int, parallel: int
) -> None:
    names = [str(uuid4()) for _ in range(keys)]
    done: set[str] = set()

    async def one_more(than: int) -> bool:
        return len(done) > than

    with serving(database_url) as service:
        async with service.client() as client:
            ada = await joined(client, "Ada")
        asking = asyncio.create_task(ask(service, ada, names, parallel, done))
        for each in range(keys // 2):
            await eventually(partial(one_more, each))
        assert await service.stop(signal.SIGKILL) == -signal.SIGKILL
        await asking
    before = set(done)
    with serving(database_url) as service:
        await ask(service, ada, names, parallel, done)
    found = await database.fetch("SELECT title, count(*) FROM items GROUP BY title")

    assert keys // 2 <= len(before) < keys
    assert done == set(names)
    assert {row["title"]: row["count"] for row in found} == dict.fromkeys(names, 1)
