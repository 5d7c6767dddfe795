"""Writing new rows the short way: what belongs together in one statement, a transaction by itself."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, Select, bindparam, insert, inspect, select
from sqlalchemy.orm import DeclarativeBase

from app.core.reads import DIALECT

Shape = tuple[tuple[type[DeclarativeBase], tuple[str, ...]], ...]


class Insertion:
    """``WITH written AS (INSERT ... RETURNING *), ... SELECT * FROM written``, once for each shape."""

    def __init__(self, shape: Shape) -> None:
        first, *others = (_insert(index, model, names) for index, (model, names) in enumerate(shape))
        written = first.returning(*inspect(shape[0][0]).columns).cte("written")
        self.statement: Select[Any] = select(written).add_cte(*(each.cte() for each in others))
        compiled = self.statement.compile(dialect=DIALECT)
        self.text, self._names = str(compiled), compiled.positiontup or []

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The parameters in the order of the statement."""
        return [values[name] for name in self._names]


insertion = lru_cache(maxsize=256)(Insertion)


def prepare(rows: Sequence[DeclarativeBase]) -> tuple[Insertion, dict[str, Any]]:
    """The statement that writes these rows, and its parameters."""
    given = [_values(row) for row in rows]
    shape = tuple((type(row), tuple(values)) for row, values in zip(rows, given, strict=True))
    return insertion(shape), {f"{name}_{index}": row[name] for index, row in enumerate(given) for name in row}


def _values(row: DeclarativeBase) -> dict[str, Any]:
    """What is set, and the defaults that SQLAlchemy would add; PostgreSQL adds its own."""
    values = vars(row)
    found = {}
    for name, column in inspect(type(row)).columns.items():
        default: Any = column.default
        if name in values:
            found[name] = values[name]
        elif default is not None:
            found[name] = default.arg(None) if default.is_callable else default.arg
    return found


def _insert(index: int, model: type[DeclarativeBase], names: Sequence[str]) -> Insert:
    columns = inspect(model).columns
    values = {name: bindparam(f"{name}_{index}", type_=columns[name].type) for name in names}
    return insert(model).values(values)
