"""What the service says to PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asyncpg.connection import LoggedQuery
from sqlalchemy import Engine, Pool, event


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Each statement of this process with its parameters, as it is sent: by SQLAlchemy, or by the driver."""
    seen: list[tuple[str, Any]] = []
    watched = set()

    def note(*call: Any) -> None:  # noqa: ANN401 - connection, cursor, statement, parameters, ...
        seen.append((call[2], call[3]))

    def note_short(logged: LoggedQuery) -> None:
        if logged.args:  # the others begin and end transactions
            seen.append((logged.query, logged.args))

    def watch(connection: Any, *_: object) -> None:  # noqa: ANN401 - of the driver
        watched.add(connection.driver_connection)
        connection.driver_connection.add_query_logger(note_short)

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Pool, "checkout", watch)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Pool, "checkout", watch)
        for connection in watched:
            connection.remove_query_logger(note_short)
