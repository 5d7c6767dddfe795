"""Keyset pages: stable while rows come and go, and equally fast at any depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import MISSING
from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.cursors import Cursors
from app.models import Base
from app.schemas.page import PageParameters

Row = TypeVar("Row", bound=Base)
Item_co = TypeVar("Item_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item_co]):
    """Some rows of a list, and where the next ones begin."""

    items: Sequence[Item_co]
    next_cursor: str | None


class Pager:
    """Reads one page of a query, ordered by the sort column and then the key, which makes the order total."""

    def __init__(self, session: AsyncSession, cursors: Cursors) -> None:
        self.session = session
        self.cursors = cursors

    async def read(self, query: Select[Row], model: type[Row], page: PageParameters) -> Slice[Row]:
        """The page's rows, and the cursor of the next page if there is one.

        Raises:
            InvalidCursor: the cursor was changed, or belongs to another list, order or filter.
        """
        list_name = f"{model.__tablename__}:{page.model_dump_json(exclude={'limit', 'cursor'})}"
        name = page.sort.removeprefix("-")
        column, descending = getattr(model, name), page.sort.startswith("-")
        if page.cursor is not MISSING:
            text, key = self.cursors.read(list_name, page.cursor)
            value = datetime.fromisoformat(text) if column.type.python_type is datetime else text
            here, position = tuple_(column, model.id), tuple_(value, UUID(key))
            query = query.where(here < position if descending else here > position)
        order = (column.desc(), model.id.desc()) if descending else (column, model.id)
        rows = (await self.session.scalars(query.order_by(*order).limit(page.limit + 1))).all()
        if len(rows) <= page.limit:
            return Slice(rows, None)
        last = rows[page.limit - 1]
        value = getattr(last, name)
        text = value.isoformat() if isinstance(value, datetime) else value
        return Slice(rows[: page.limit], self.cursors.sign(list_name, [text, str(last.id)]))
