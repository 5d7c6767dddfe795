"""Procrastinate's way to PostgreSQL: our driver, with our timeouts, behind PgBouncer too."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from functools import cache
from typing import Any

import asyncpg
from procrastinate import connector, exceptions
from sqlalchemy.exc import SQLAlchemyError

from app.core.config import Settings
from app.core.database import connect_arguments, create_engine
from app.core.pool import Loan

POOL = 5  # connections that take and finish jobs, apart from those that jobs themselves use
QUIET = 10.0  # seconds without a notification until the connection is looked at
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, SQLAlchemyError)


class AsyncpgConnector(connector.BaseAsyncConnector):
    """Runs Procrastinate's queries with asyncpg, so that a database that says nothing is given up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = create_engine(
            settings.model_copy(update={"db": settings.db.model_copy(update={"pool_size": POOL})})
        )

    async def open_async(self, pool: object = None) -> None:
        """Nothing: the pool connects on first use."""

    async def close_async(self) -> None:
        """Close the pool."""
        await self._engine.dispose()

    async def execute_query_async(self, query: str, **arguments: object) -> None:
        """Run a query for its effect."""
        await self.execute_query_all_async(query, **arguments)

    async def execute_query_one_async(self, query: str, **arguments: object) -> dict[str, Any]:
        """The one row of a query."""
        if rows := await self.execute_query_all_async(query, **arguments):
            return rows[0]
        raise exceptions.NoResult

    async def execute_query_all_async(self, query: str, **arguments: object) -> list[dict[str, Any]]:
        """The rows of a query."""
        statement, names = _numbered(query)
        values = [_encode(arguments[name]) for name in names]
        async with (
            _translated_errors(),
            Loan(self._engine) as driver,
            # A statement is prepared in one step and run in another; PgBouncer keeps a transaction together.
            driver.transaction() if self._settings.db.pgbouncer else nullcontext(),
        ):
            rows = await driver.fetch(statement, *values)
        return [dict(row) for row in rows]

    async def listen_notify(self, on_notification: connector.Notify, channels: Iterable[str]) -> None:
        """Pass on what PostgreSQL notifies, over a connection of its own that is opened again when lost."""
        while True:
            async with _translated_errors():
                connection = await asyncpg.connect(**connect_arguments(self._settings))
            try:
                await _listen(connection, on_notification, channels)
            except FAILURES:
                await asyncio.sleep(1)  # meanwhile workers look by themselves
            finally:
                connection.terminate()


async def _listen(
    connection: asyncpg.Connection, on_notification: connector.Notify, channels: Iterable[str]
) -> None:
    received: asyncio.Queue[tuple[str, str] | None] = asyncio.Queue()
    connection.add_termination_listener(lambda _: received.put_nowait(None))
    for channel in channels:
        await connection.add_listener(channel, lambda _, __, name, text: received.put_nowait((name, text)))
    while True:
        try:
            notification = await asyncio.wait_for(received.get(), QUIET)
        except TimeoutError:
            await connection.fetchval("SELECT 1")
            continue
        if notification is None:
            return
        await on_notification(channel=notification[0], payload=notification[1])


@asynccontextmanager
async def _translated_errors() -> AsyncIterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise exceptions.UniqueViolation(constraint_name=error.constraint_name, queueing_lock=None) from error
    except FAILURES as error:
        raise exceptions.ConnectorException(str(error) or type(error).__name__) from error


@cache
def _numbered(query: str) -> tuple[str, list[str]]:
    """Procrastinate writes ``%(name)s``, asyncpg reads ``$1``."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(query)))
    return PLACEHOLDER.sub(lambda found: f"${names.index(found[1]) + 1}", query), names


def _encode(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value
