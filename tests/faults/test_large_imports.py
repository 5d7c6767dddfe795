"""A million rows go into a real process and through a real worker, whose memory stays as it was."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.processes import joined, serving
from tests.queue.support import APP, worker

pytestmark = pytest.mark.faults
ROWS = 1_000_000
PIECE = 1000  # rows sent at once
GROWTH = 40 * 1024  # KiB; a tenth of what the rows alone would take


def resident(process: int) -> int:
    """KiB of memory it holds."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


async def file(rows: int) -> AsyncIterator[bytes]:
    for start in range(0, rows, PIECE):
        yield b"".join(
            b'{"title": "Lamp %d", "description": "%s"}\n' % (n, b"x" * 100)
            for n in range(start, start + PIECE)
        )


async def test_a_million_rows_are_imported_in_a_flat_memory(
    database_url: str, database: asyncpg.Connection
) -> None:
    with serving(database_url) as service, worker(database_url, APP) as process:
        async with service.client() as client:
            ada = await joined(client, "Ada")
            jsonl = {"Content-Type": "application/jsonl"}

            async def import_file(rows: int) -> dict[str, int]:
                """Import and watch: the most that each process held."""
                answer = await client.post("/items/import", content=file(rows), headers=jsonl, timeout=1800)
                assert answer.status_code == 202, answer.text
                held = {"api": resident(service.process.pid), "worker": 0}
                place = f"{service.url}{answer.headers['location']}"
                while (await client.get(place)).json()["status"] in {"queued", "running"}:
                    held["worker"] = max(held["worker"], resident(process.process.pid))
                    await asyncio.sleep(0.2)
                return held

            before = await import_file(10_000)
            peak = await import_file(ROWS)

    assert await database.fetchval("SELECT count(*) FROM items WHERE owner_id = $1", ada.id) == ROWS + 10_000
    assert peak["api"] - before["api"] < GROWTH
    assert peak["worker"] - before["worker"] < GROWTH
