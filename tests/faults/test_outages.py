"""A database that is away, full, silent or not yet there: 503 meanwhile, and well again by itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from app.core import migrations
from tests.faults.conftest import Postgres
from tests.processes import Service, eventually, joined, serving, slow_request
from tests.proxy import proxied
from tests.support import Person, assert_problem, connect, make_settings, on_database

SOON = {"APP_DB_POOL_TIMEOUT": "0.5", "APP_DB_COMMAND_TIMEOUT": "1", "APP_DB_CONNECT_TIMEOUT": "0.5"}

CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'shipworthy'
"""


def assert_unavailable(answer: httpx2.Response) -> None:
    """The answer tells a client to come back."""
    assert_problem(answer, 503, "database-unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def failing_checks(service: Service) -> list[str]:
    """What /health/ready says is wrong; the process must be alive whatever it is."""
    async with service.client() as client:
        assert (await client.get(f"{service.url}/health")).status_code == 200
        ready = await client.get(f"{service.url}/health/ready")
    if ready.status_code == 200:
        return []
    assert int(ready.headers["retry-after"]) > 0
    return [each["pointer"] for each in assert_problem(ready, 503, "not-ready")["errors"]]


async def recover(service: Service) -> None:
    """Wait until the same process is ready again."""

    async def is_ready() -> bool:
        return not await failing_checks(service)

    await eventually(is_ready)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_stopped_database_is_503_until_it_is_back_and_nobody_restarts(
    postgres: Postgres, mode: str
) -> None:
    with serving(postgres.url) as service:
        async with service.client() as client:
            ada = await joined(client, mode)
            await asyncio.gather(*(ada.client.get("/items") for _ in range(10)))  # fills the pool
            postgres.stop(mode)

            for _ in range(12):
                assert_unavailable(await ada.client.get("/items"))
            assert_unavailable(await ada.client.post("/items", json={"title": "Lamp"}))
            assert "/checks/database" in await failing_checks(service)

            postgres.start()
            await recover(service)
            assert (await ada.client.get("/items")).status_code == 200


async def test_a_database_that_restarts_between_two_requests_fails_nobody(postgres: Postgres) -> None:
    with serving(postgres.url) as service:
        async with service.client() as client:
            ada = await joined(client, "Restart")
            await asyncio.gather(*(ada.client.get("/items") for _ in range(10)))  # fills the pool
            postgres.stop()
            postgres.start()

            answers = [await ada.client.get("/items") for _ in range(10)]

    assert [answer.status_code for answer in answers] == [200] * 10


async def test_the_service_may_start_before_its_database(postgres: Postgres) -> None:
    postgres.stop()
    with serving(postgres.url) as service:
        assert "/checks/database" in await failing_checks(service)

        postgres.start()
        await recover(service)


async def test_the_service_may_start_before_its_database_is_created_and_migrated(server_url: str) -> None:
    name = f"shipworthy_test_{uuid4().hex[:12]}"
    url = on_database(server_url, name)
    server = await connect(server_url)
    try:
        with serving(url) as service:
            all_of_it = ["/checks/database", "/checks/migrations", "/checks/queue"]
            assert await failing_checks(service) == all_of_it

            causes = {line["error"] for line in service.logged(message="database unavailable")}
            assert causes == {f'database "{name}" does not exist'}

            await server.execute(f'CREATE DATABASE "{name}"')
            assert await failing_checks(service) == all_of_it[1:]

            await migrations.migrate(make_settings(url))
            assert await failing_checks(service) == []
    finally:
        await server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await server.close()


@pytest.fixture
def impatient(database_url: str, database: asyncpg.Connection) -> Iterator[Service]:  # noqa: ARG001
    """A service with one connection and little patience."""
    with serving(database_url, **SOON, APP_DB_POOL_SIZE="1") as service:
        yield service


@pytest.fixture
async def ada(impatient: Service) -> AsyncIterator[Person]:
    async with impatient.client() as client:
        yield await joined(client, "Ada")


async def test_an_exhausted_pool_is_503_once_the_pool_timeout_has_passed(
    impatient: Service, ada: Person, database: asyncpg.Connection
) -> None:
    clock = asyncio.get_running_loop().time
    async with slow_request(ada, database), impatient.client() as client:
        started = clock()
        refused = await client.get("/items", headers=ada.client.headers)
        waited = clock() - started
        alive = await client.get(f"{impatient.url}/health")

    assert_unavailable(refused)
    assert alive.status_code == 200
    assert 0.5 <= waited < make_settings("postgresql://").db.pool_timeout  # the default
    await recover(impatient)


async def test_a_silent_database_is_503_within_the_command_timeout_and_the_pool_heals(
    database: asyncpg.Connection, database_url: str
) -> None:
    clock = asyncio.get_running_loop().time
    async with proxied(database_url) as proxy:
        with serving(proxy.url, **SOON, APP_DB_POOL_SIZE="2") as service:
            async with service.client() as client:
                ada = await joined(client, "Ada")
                with proxy.silence():
                    started = clock()
                    answers = await asyncio.gather(
                        *(ada.client.get("/items") for _ in range(4)),
                        *(ada.client.post("/items", json={"title": "Lamp"}) for _ in range(4)),
                    )
                    waited = clock() - started

                    assert "/checks/database" in await failing_checks(service)

                await recover(service)
                lists = await asyncio.gather(*(ada.client.get("/items") for _ in range(6)))
                await service.stop()

    async def nobody_is_left() -> bool:
        return bool(await database.fetchval(CONNECTIONS) == 0)

    await eventually(nobody_is_left)
    for answer in answers:
        assert_unavailable(answer)
    assert waited < make_settings(database_url).db.command_timeout  # the default
    assert [answer.status_code for answer in lists] == [200] * 6
