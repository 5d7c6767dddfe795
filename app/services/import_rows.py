"""From the lines of a file to items, or to what is wrong with them."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.core.errors import Invalid, pointer
from app.schemas.item import ItemCreate
from app.services.export_service import COLUMNS, FORMULA

FIELDS = set(ItemCreate.model_fields)
READ_ONLY = set(COLUMNS) - FIELDS  # what an export has besides; passed over, so that exports can be imported
# Bytes. The longest item, with every letter escaped, takes half as many; more is a quote that is not closed.
MAX_RECORD = 131_072
WHOLE = re.compile(r"-?\d{1,18}")


class UnreadableFile(Invalid):
    """The file is not what it is said to be: its header, or a record without an end."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a file as it was sent, where it begins for people, and how many bytes and lines it takes."""

    line: int
    content: bytes
    lines: int


async def records(lines: AsyncIterator[bytes], line: int, *, quoted: bool) -> AsyncIterator[Record]:
    """The rows, from this line on; in CSV a quoted field may go over several lines.

    Raises:
        UnreadableFile: one does not end.
    """
    held, count, is_open = bytearray(), 0, False
    async for each in lines:
        held += each
        count += 1
        is_open ^= quoted and each.count(b'"') % 2 == 1  # of this line only: a row may have a million
        if len(held) > MAX_RECORD:
            raise UnreadableFile(f"The row that begins in line {line + 1} does not end.")
        if not is_open:
            yield Record(line + 1, bytes(held), count)
            line, count = line + count, 0
            held.clear()
    if held:
        yield Record(line + 1, bytes(held), count)


def read_header(content: bytes) -> list[str]:
    """The columns of a CSV file.

    Raises:
        UnreadableFile: they are not those of items.
    """
    try:
        [columns] = csv.reader([content.decode("utf-8-sig")])
    except (ValueError, csv.Error):
        columns = []
    if "title" not in columns or set(columns) - FIELDS - READ_ONLY or len(set(columns)) < len(columns):
        names = ", ".join(ItemCreate.model_fields)
        raise UnreadableFile(f"The first line must name columns of items: title, and any of {names}.")
    return columns


def read(record: Record, columns: Sequence[str] | None) -> ItemCreate | list[dict[str, Any]]:
    """The item, or what is wrong with the row."""
    try:
        values = _cells(record.content, columns) if columns else json.loads(record.content)
        if not isinstance(values, dict):
            return [_fault(record, "", "not_an_object", "A row is an object")]
        return ItemCreate.model_validate({k: v for k, v in values.items() if k not in READ_ONLY})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return [_fault(record, pointer(each["loc"]), each["type"], each["msg"]) for each in found]
    except (ValueError, RecursionError, csv.Error):
        return [_fault(record, "", "malformed", "The row cannot be read")]


def _cells(content: bytes, columns: Sequence[str]) -> dict[str, Any]:
    [cells] = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    if len(cells) != len(columns):
        raise ValueError("another number of cells")
    return {name: _value(name, cell) for name, cell in zip(columns, cells, strict=True) if cell}


def _value(name: str, cell: str) -> object:
    if name == "tags":
        return _parsed(cell)
    if name == "price_minor" and WHOLE.fullmatch(cell):
        return int(cell)
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell  # as the export escapes them


def _parsed(cell: str) -> object:
    try:
        return json.loads(cell)
    except ValueError:
        return cell  # which is then refused for what it is


def _fault(record: Record, pointer: str, code: str, message: str) -> dict[str, Any]:
    return {"line": record.line, "pointer": pointer, "code": code, "message": message}
