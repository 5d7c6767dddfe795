"""Keyset pages: stable while rows come and go, and equally fast at any depth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import MISSING, BaseModel
from sqlalchemy import ColumnElement, Integer, Select, bindparam, select, tuple_

from app.core.cursors import Cursors
from app.core.database import Session
from app.core.reads import Rows
from app.models import Base
from app.schemas.page import PageParameters

Row = TypeVar("Row", bound=Base)
Item_co = TypeVar("Item_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item_co]):
    """Some rows of a list, and where the next ones begin."""

    items: Sequence[Item_co]
    next_cursor: str | None


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """A list: its rows, and what they may be asked for by, each condition with a parameter of its name."""

    model: type[Row]
    filters: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    always: Iterable[ColumnElement[bool]] = ()
    _pages: dict[object, Rows[Row]] = field(default_factory=dict)

    def values(self, parameters: BaseModel, **own: object) -> dict[str, object]:
        """What is asked for: the filters that are given, and those that the caller may not choose."""
        given = {name: getattr(parameters, name, MISSING) for name in self.filters}
        return {name: value for name, value in given.items() if value is not MISSING} | own

    def select(self, names: Iterable[str]) -> Select[Row]:
        """The rows that fit these filters."""
        return select(self.model).where(*self.always, *(self.filters[name] for name in names))

    def page(self, names: Iterable[str], sort: str, *, further: bool) -> Rows[Row]:
        """The statement for the first page, or a further one; there are as many as ways to ask."""
        key = (*names, sort, further)
        if key not in self._pages:
            self._pages[key] = Rows(self.model, self._ordered(self.select(names), sort, further=further))
        return self._pages[key]

    def _ordered(self, query: Select[Row], sort: str, *, further: bool) -> Select[Row]:
        """By the sort column and then the key, which makes the order total."""
        column, key = getattr(self.model, sort.removeprefix("-")), self.model.id
        descending = sort.startswith("-")
        if further:
            here = tuple_(column, key)
            position = tuple_(bindparam("after", type_=column.type), bindparam("after_id", type_=key.type))
            query = query.where(here < position if descending else here > position)
        order = (column.desc(), key.desc()) if descending else (column, key)
        return query.order_by(*order).limit(bindparam("limit", type_=Integer))


class Pager:
    """Reads lists, page by page."""

    def __init__(self, session: Session, cursors: Cursors) -> None:
        self.session = session
        self.cursors = cursors

    async def read(self, listing: Listing[Row], page: PageParameters, **own: object) -> Slice[Row]:
        """The page's rows, and the cursor of the next page if there is one.

        Raises:
            InvalidCursor: the cursor was changed, or belongs to another list, order or filter.
        """
        model, name = listing.model, page.sort.removeprefix("-")
        list_name = f"{model.__tablename__}:{page.model_dump_json(exclude={'limit', 'cursor'})}"
        values, after = listing.values(page, **own), {}
        if further := page.cursor is not MISSING:
            text, key = self.cursors.read(list_name, page.cursor)
            timed = getattr(model, name).type.python_type is datetime
            after = {"after": datetime.fromisoformat(text) if timed else text, "after_id": UUID(key)}
        query = listing.page(values, page.sort, further=further)
        rows = await self.session.rows(query, **values, **after, limit=page.limit + 1)
        if len(rows) <= page.limit:
            return Slice(rows, None)
        last = rows[page.limit - 1]
        value = getattr(last, name)
        text = value.isoformat() if isinstance(value, datetime) else value
        return Slice(rows[: page.limit], self.cursors.sign(list_name, [text, str(last.id)]))
