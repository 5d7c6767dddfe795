"""Databases of tests: empty ones, and copies of one that is migrated."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from tests.processes import ROOT
from tests.support import connect, on_database

MEMORY = Path("/dev/shm")  # noqa: S108 - of Linux; some containers have little of it
ROOM = 2**30  # bytes; the suite takes a quarter


def folder() -> Path:
    """Where the server of the tests keeps its data: in memory, where a database is made ten times as fast."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        return MEMORY / f"shipworthy-tests-{sha256(bytes(ROOT)).hexdigest()[:12]}"
    return ROOT / ".local" / "test-postgres"


async def execute(url: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own, over one connection."""
    connection = await connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def database(server_url: str, template: str = "template1") -> Iterator[str]:
    """The URL of a database that is dropped at the end. It waits for no disk."""
    name = f"shipworthy_test_{uuid4().hex[:12]}"
    create = f'CREATE DATABASE "{name}" TEMPLATE "{template}"'
    asyncio.run(execute(server_url, create, f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    try:
        yield on_database(server_url, name)
    finally:
        asyncio.run(execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))
