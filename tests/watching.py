"""What the service says to PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Each statement of this process with its parameters, as it is sent."""
    seen: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:  # noqa: ANN401 - connection, cursor, statement, parameters, ...
        seen.append((call[2], call[3]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
