"""Databases of tests: empty ones, and copies of one that is migrated."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from tests.support import connect, on_database


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
