"""Reports as JSON and back: whatever a file of the cache says, reading it makes a report or fails."""

import json
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def packed(value: object) -> str:
    """Objects as lists of what is in them, without names."""
    return json.dumps(plain(value), separators=(",", ":"))


def unpacked(kind: type[T], text: str) -> T:
    """An object of a class, if that is what the text holds."""
    made: T = build(kind, json.loads(text))
    return made


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a report is made of
    """What JSON has words for."""
    if is_dataclass(value):
        return [plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def build(kind: Any, value: Any) -> Any:  # noqa: ANN401 - the same
    """The opposite; a value that is not of its kind is an error."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    if is_dataclass(kind) and isinstance(value, list):
        pairs = zip(kinds(kind), value, strict=True)
        return kind(*(build(inner, each) for inner, each in pairs))  # type: ignore[operator]
    if get_origin(kind) in {list, tuple} and isinstance(value, list):
        return get_origin(kind)(build(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is UnionType:
        return None if value is None else build(next(each for each in get_args(kind) if each is not NoneType), value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise TypeError(kind)


@cache
def kinds(kind: type) -> tuple[Any, ...]:
    """What the fields of a class hold, in their order."""
    hints = get_type_hints(kind)
    return tuple(hints[each.name] for each in fields(kind))
