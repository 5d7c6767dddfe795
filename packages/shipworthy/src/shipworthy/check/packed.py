"""Reports as JSON and back: whatever a file of the cache says, reading it makes a report or fails."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Read = Callable[[Any], Any]


def packed(value: object) -> str:
    """Objects as lists of what is in them, without names."""
    return json.dumps(plain(value), separators=(",", ":"))


def unpacked(kind: Callable[..., T], text: str) -> T:
    """An object of a class, if that is what the text holds."""
    made: T = reader(kind)(json.loads(text))
    return made


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a report is made of
    """What JSON has words for."""
    if is_dataclass(value):
        return [plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


@cache
def reader(kind: Any) -> Read:  # noqa: ANN401 - a class, or what an annotation says
    """What makes a value of a kind; one that is not of its kind is an error."""
    if kind is Path:
        return path
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return record(kind, [reader(hints[each.name]) for each in fields(kind)])
    if get_origin(kind) in {list, tuple}:
        return several(get_origin(kind), reader(get_args(kind)[0]))
    if get_origin(kind) is UnionType:
        return optional(reader(next(each for each in get_args(kind) if each is not NoneType)))
    return exactly(kind)


@cache
def path(value: str) -> Path:
    """The same object for the same path, of which a report has many."""
    return Path(value)


def record(kind: Any, readers: list[Read]) -> Read:  # noqa: ANN401 - a dataclass
    """Reads the fields of a class."""

    def read(value: list[Any]) -> Any:  # noqa: ANN401 - an object of it
        if value.__class__ is not list:
            raise TypeError(value)
        return kind(*[each(inner) for each, inner in zip(readers, value, strict=True)])

    return read


def several(kind: Any, inner: Read) -> Read:  # noqa: ANN401 - `list` or `tuple`
    """Reads a list."""

    def read(value: list[Any]) -> Any:  # noqa: ANN401 - a list or a tuple
        if value.__class__ is not list:
            raise TypeError(value)
        return kind(map(inner, value))

    return read


def optional(inner: Read) -> Read:
    """Reads what may be nothing."""
    return lambda value: None if value is None else inner(value)


def exactly(kind: type) -> Read:
    """Reads a plain value."""

    def read(value: object) -> object:
        if value.__class__ is not kind:
            raise TypeError(value)
        return value

    return read
