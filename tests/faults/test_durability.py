"""What a client was told is so: acknowledged rows survive, refused ones do not exist, writes are read."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx2
import pytest

from app.core import migrations
from tests.faults.conftest import Postgres
from tests.processes import Service, eventually, joined, serving
from tests.support import Person, connect, make_settings

WRITERS = 4
PROGRESS = 20  # acknowledged items between two faults
FAIL_AT_COMMIT = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'refused at commit' USING ERRCODE = '23514'; END $$;
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON items DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse();
"""


class Ledger:
    """Creates items without pause and remembers those that were acknowledged."""

    def __init__(self, ada: Person) -> None:
        self.ada = ada
        self.acknowledged: set[str] = set()
        self.refused: set[int] = set()

    async def write(self, service: Service) -> None:
        """Until cancelled; what a killed server left unanswered is not in the ledger."""
        async with service.client() as client:
            client.headers = self.ada.client.headers
            while True:
                try:
                    answer = await client.post("/items", json={"title": "Lamp"})
                except httpx2.TransportError:
                    await asyncio.sleep(0.01)
                    continue
                if answer.status_code == 201:
                    self.acknowledged.add(answer.json()["id"])
                else:
                    self.refused.add(answer.status_code)

    async def grow(self) -> None:
        """Wait until more items are acknowledged."""
        enough = len(self.acknowledged) + PROGRESS

        async def has_grown() -> bool:
            return len(self.acknowledged) >= enough

        await eventually(has_grown)

    async def missing(self, url: str) -> set[str]:
        """The acknowledged items that the database does not have."""
        database = await connect(url)
        rows = await database.fetch("SELECT id::text FROM items")
        await database.close()
        return self.acknowledged - {row["id"] for row in rows}


@asynccontextmanager
async def written_by_many(service: Service, ledger: Ledger) -> AsyncIterator[None]:
    """Writers at work while the block runs."""
    writers = [asyncio.create_task(ledger.write(service)) for _ in range(WRITERS)]
    try:
        yield
    finally:
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.faults)])
async def test_a_killed_server_loses_no_acknowledged_item(
    database: asyncpg.Connection,  # noqa: ARG001 - cleans up
    database_url: str,
    kills: int,
) -> None:
    ledger: Ledger | None = None
    for _ in range(kills):
        with serving(database_url) as service:
            async with service.client() as client:
                ledger = ledger or Ledger(await joined(client, "Ada"))
            async with written_by_many(service, ledger):
                await ledger.grow()
                assert await service.stop(signal.SIGKILL) == -signal.SIGKILL

    assert ledger
    assert len(ledger.acknowledged) >= kills * PROGRESS
    assert await ledger.missing(database_url) == set()


@pytest.mark.parametrize("crashes", [1, pytest.param(5, marks=pytest.mark.faults)])
async def test_a_crashed_database_loses_no_acknowledged_item_and_is_never_a_500(
    postgres: Postgres, crashes: int
) -> None:
    with serving(postgres.url) as service:
        async with service.client() as client:
            ledger = Ledger(await joined(client, f"Ada{crashes}"))
        async with written_by_many(service, ledger):
            for _ in range(crashes):
                await ledger.grow()
                await asyncio.to_thread(postgres.stop)
                await asyncio.to_thread(postgres.start)
            await ledger.grow()

    assert ledger.refused <= {503}
    assert await ledger.missing(postgres.url) == set()


async def test_a_commit_that_fails_is_never_a_success(fresh_database_url: str) -> None:
    await migrations.migrate(make_settings(fresh_database_url))
    database = await connect(fresh_database_url)
    await database.execute(FAIL_AT_COMMIT)
    with serving(fresh_database_url) as service:
        async with service.client() as client:
            answer = await (await joined(client, "Ada")).client.post("/items", json={"title": "Lamp"})
    rows = await database.fetchval("SELECT count(*) FROM items")
    await database.close()

    assert answer.status_code >= 500
    assert rows == 0


@pytest.mark.parametrize("writes", [200, pytest.param(5000, marks=pytest.mark.faults)])
async def test_what_was_created_is_found_at_once_over_another_connection(
    database: asyncpg.Connection,  # noqa: ARG001 - cleans up
    database_url: str,
    writes: int,
) -> None:
    with serving(database_url, "--workers", "2") as service:
        async with service.client() as writer, service.client() as reader:
            reader.headers = (await joined(writer, "Ada")).client.headers
            for _ in range(writes):
                created = await writer.post("/items", json={"title": "Lamp"})

                found = await reader.get(f"{service.url}{created.headers['location']}")

                assert (created.status_code, found.status_code) == (201, 200)
