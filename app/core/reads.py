"""Reading rows the short way: SQLAlchemy writes the statement once, asyncpg runs it.

To run a statement costs SQLAlchemy several times what it costs PostgreSQL. What is read at every request is
therefore a ``Rows``: compiled when the module is loaded, run by the driver, put into the usual entities.
"""

from typing import Any, Generic, TypeVar, cast

from asyncpg import Record
from sqlalchemy import Select, inspect
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached

Row = TypeVar("Row", bound=DeclarativeBase)
DIALECT = dialect()  # type: ignore[no-untyped-call]


class Rows(Generic[Row]):
    """A SELECT of whole rows of one table, whose parameters are all named with ``bindparam``."""

    def __init__(self, model: type[Row], statement: Select[Row]) -> None:
        self.statement = statement
        compiled = statement.compile(dialect=DIALECT)
        self.text = str(compiled)
        self._names: list[str] = compiled.positiontup or []
        self._constants = compiled.params
        self._model = model

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The parameters in the order of the statement."""
        known = self._constants | values
        return [known[name] for name in self._names]

    def load(self, record: Record) -> Row:
        """The row, of which SQLAlchemy knows nothing: to set one of its attributes is an error."""
        row = object.__new__(self._model)
        row.__dict__.update(record.items())
        return row


def attachable(row: Row) -> Row:
    """A copy of the row that a session can take with ``add``, to save its changes."""
    copy = cast("Row", inspect(type(row)).class_manager.new_instance())
    copy.__dict__.update(row.__dict__)
    make_transient_to_detached(copy)  # which knows its key from now on, and forgets the rest
    copy.__dict__.update(row.__dict__)
    return copy
