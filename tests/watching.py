"""What the service says to PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asyncpg.connection import LoggedQuery
from sqlalchemy import Engine, Pool, event


@asynccontextmanager
async def statements() -> AsyncIterator[list[tuple[str, Any]]]:
    """Each statement of this process with its parameters, as it is sent: by SQLAlchemy, or by the driver."""
    seen: list[tuple[str, Any]] = []
    watched = set()
    for_many_rows: set[str] = set()

    def note(*call: Any) -> None:  # noqa: ANN401 - connection, cursor, statement, parameters, ...
        seen.append((call[2], call[3]))
        if call[5]:
            for_many_rows.add(call[2])

    def note_short(logged: LoggedQuery) -> None:
        # Those without arguments begin and end transactions, and SQLAlchemy's for many rows are noted above.
        if logged.args and logged.query not in for_many_rows:
            seen.append((logged.query, logged.args))

    def watch(connection: Any, *_: object) -> None:  # noqa: ANN401 - of the driver
        watched.add(connection.driver_connection)
        connection.driver_connection.add_query_logger(note_short)

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Pool, "checkout", watch)
    try:
        yield seen
        await asyncio.sleep(0)  # the driver tells of a statement in the next turn of the loop
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Pool, "checkout", watch)
        for connection in watched:
            connection.remove_query_logger(note_short)
