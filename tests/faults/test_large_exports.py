"""A million rows through a real process whose memory stays as it was."""

from pathlib import Path

import asyncpg
import pytest

from tests.processes import Service, joined, serving

pytestmark = pytest.mark.faults
ROWS = 1_000_000
GROWTH = 40 * 1024  # KiB; a tenth of what the rows alone would take
ADD = """
    INSERT INTO items (id, owner_id, title, description)
    SELECT gen_random_uuid(), $1, 'Lamp ' || n, repeat('x', 200) FROM generate_series(1, $2) n
"""


def resident(service: Service) -> int:
    """KiB of memory the process holds."""
    lines = Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_a_million_rows_pass_through_a_flat_memory(
    database_url: str, database: asyncpg.Connection, form: str
) -> None:
    with serving(database_url) as service:
        async with service.client() as client:
            ada = await joined(client, "Ada")
            await database.execute(ADD, ada.id, ROWS)
            await client.get("/items/export", params={"format": form, "q": "none"})
            before, peak, lines = resident(service), 0, 0
            async with client.stream("GET", "/items/export", params={"format": form}) as answer:
                async for part in answer.aiter_bytes():
                    lines += part.count(b"\n")
                    peak = max(peak, resident(service))

    assert lines == ROWS + (form == "csv")
    assert peak - before < GROWTH
