"""Databases apart from those of other tests, whose jobs no worker here may take."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import pytest

from app.core import migrations
from tests.queue.errands import EFFECTS
from tests.queue.support import WorkerProcess, worker
from tests.support import connect, make_settings, on_database


@pytest.fixture(scope="module")
def queue_url(server_url: str) -> Iterator[str]:
    """A migrated database with the tables that the errands of tests write to."""
    name = f"shipworthy_test_{uuid4().hex[:12]}"
    url = on_database(server_url, name)
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}"'))
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
    await connection.execute(statement)
    await connection.close()
