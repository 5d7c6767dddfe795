"""Strict building blocks: nothing is coerced, nothing unknown is dropped silently."""

import unicodedata
from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.core.text import LINE_BREAKS, has_control_characters

MAX_SAFE_INTEGER = 2**53 - 1  # the largest that every JSON reader keeps exact (RFC 8259, section 6)


class Input(BaseModel):
    """The body of a request. Types are exact and unknown fields refused, so a misspelling is never lost."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class Output(BaseModel):
    """The body of a response, read from a row."""

    model_config = ConfigDict(from_attributes=True)

    @model_validator(mode="before")
    @classmethod
    def _read_dictionary(cls, row: object) -> object:
        """A row's own dictionary, if it has all: SQLAlchemy's attributes cost several times as much."""
        values = getattr(row, "__dict__", {})
        return values if cls.__pydantic_fields__.keys() <= values.keys() else row


class Parameters(BaseModel):
    """Query parameters: text, so types are read from it; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


def _clean(allowed: frozenset[str]) -> AfterValidator:
    def check(value: str) -> str:
        if has_control_characters(value, allowed):
            raise PydanticCustomError("control_characters", "Text must not contain control characters")
        return unicodedata.normalize("NFC", value)

    return AfterValidator(check)


def _digits(value: object) -> object:
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
        raise PydanticCustomError("int_parsing", "Input should be a whole number")
    return value


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in {"true", "false"}:
        raise PydanticCustomError("bool_parsing", "Input should be true or false")
    return value


ONE_LINE = _clean(frozenset())
PROSE = _clean(LINE_BREAKS)
Search = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), ONE_LINE]
DIGITS = BeforeValidator(_digits)  # `int` would take " 7 " and "1_000"
Flag = Annotated[bool, BeforeValidator(_flag)]  # `bool` would take "on", "yes" and "1"
Timestamp = Annotated[  # PostgreSQL's are in UTC
    datetime,
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-22T09:30:00.000000Z"]}),
]
