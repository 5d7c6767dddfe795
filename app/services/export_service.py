"""Exports: all that a caller may see, in batches, so that neither memory nor a transaction grows."""

import csv
import io
import json
import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, tuple_

from app.core.database import Database, Session
from app.models import Item, User
from app.schemas.item import ExportFormat, ItemExportParameters, ItemResponse
from app.services.item_service import ITEMS, visible_to

BATCH = 500  # rows; also what a client that reads slowly makes us keep
COLUMNS = list(ItemResponse.model_fields)
# What a spreadsheet takes for a formula (OWASP, CSV injection), full-width forms too. Text that looks escaped
# gets one more apostrophe, so that taking one away always gives back the original.
FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True)
class ExportService:
    """Reads items oldest first: a new item comes last and disturbs nothing."""

    session: Session
    database: Database

    async def items(self, caller: User, parameters: ItemExportParameters) -> AsyncGenerator[bytes]:
        """The lines of an export. Its first batch is read at once, so that a failure is still an answer."""
        asked = ITEMS.values(parameters, **visible_to(caller))
        query = ITEMS.select(asked).params(asked).order_by(Item.created_at, Item.id).limit(BATCH)
        first = (await self.session.scalars(query)).all()
        self.session.expunge_all()
        return self._lines(query, first, parameters.format)

    async def _lines(
        self, query: Select[Item], batch: Sequence[Item], form: ExportFormat
    ) -> AsyncGenerator[bytes]:
        if form == "csv":
            yield _csv([COLUMNS])
        while batch:
            rows = [ItemResponse.model_validate(item).model_dump(mode="json") for item in batch]
            yield _csv(_cells(row) for row in rows) if form == "csv" else _json_lines(rows)
            last = tuple_(batch[-1].created_at, batch[-1].id)
            following = query.where(tuple_(Item.created_at, Item.id) > last)
            batch = await self._read(following) if len(batch) == BATCH else []

    async def _read(self, query: Select[Item]) -> Sequence[Item]:
        """In a transaction of its own: none is open while a client reads what it was sent."""
        async with self.database.transaction() as session:
            return (await session.scalars(query)).all()


def _cells(row: dict[str, Any]) -> list[object]:
    return [_cell(value) for value in row.values()]


def _cell(value: object) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
