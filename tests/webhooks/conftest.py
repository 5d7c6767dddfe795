"""A service whose webhooks may go to this machine, a worker that sends them, and two who want them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from starlette.types import ASGIApp

from app.core.config import Settings
from tests.apps import app_of
from tests.databases import database
from tests.processes import free_port
from tests.queue.support import WorkerProcess, worker
from tests.support import Person, connect, make_settings, open_client, running
from tests.webhooks.support import NETWORKS, SENDING, World

# No receiver is given up because the machine is busy: it would get a message again, and one more at a time.
LOCAL = {"APP_WEBHOOK_ALLOWED_NETWORKS": NETWORKS, "APP_WEBHOOK_TIMEOUT": "60"}


@pytest.fixture(scope="module")
def webhook_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database whose jobs no other test's worker takes."""
    with database(server_url, template) as url:
        yield url


@pytest.fixture(scope="module")
def settings(webhook_url: str) -> Settings:
    return make_settings(webhook_url, webhook={"allowed_networks": NETWORKS})


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def crew(webhook_url: str, metrics_port: int) -> Iterator[WorkerProcess]:
    """A worker that the tests of a module share."""
    with worker(webhook_url, SENDING, **LOCAL, APP_WORKER_METRICS_PORT=str(metrics_port)) as process:
        yield process


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[ASGIApp]:
    async with running(app_of(settings)) as service:
        yield service


@pytest.fixture
async def world(service: ASGIApp, webhook_url: str, crew: WorkerProcess) -> AsyncIterator[World]:
    """Ada and Bob, and a look at what is sent; nothing is left of others."""
    await crew.is_up()
    async with AsyncExitStack() as stack:
        people = []
        for name in ("Ada", "Bob"):
            client = await stack.enter_async_context(open_client(service))
            person = Person(name, client)
            await person.register()
            people.append(person)
        connection = await connect(webhook_url)
        yield World(people[0], people[1], connection, crew)
        await connection.execute("DELETE FROM users; DELETE FROM procrastinate_jobs WHERE status <> 'doing'")
        await connection.close()
