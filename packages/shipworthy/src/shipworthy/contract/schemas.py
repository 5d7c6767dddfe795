"""Schemas: what a client sends must stay acceptable, what it receives must stay what it knows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from shipworthy.contract.references import Document, Schema
from shipworthy.contract.report import Break

LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "multipleOf", "uniqueItems")
ANY = frozenset({"string", "number", "integer", "boolean", "array", "object"})


class Direction(Enum):
    """Who writes what the schema describes."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass
class Comparison:
    """Compares the schemas of two documents; a pair that is being compared already is not begun again."""

    old: Document
    new: Document
    pairs: set[tuple[int, int, Direction]] = field(default_factory=set)

    def compare(self, old: Schema, new: Schema, place: str, direction: Direction) -> Iterator[Break]:
        """What breaks between two schemas."""
        if old == {} == new:
            return
        before, after = self.old.variants(old), self.new.variants(new)
        pair = (id(before.source), id(after.source), direction)
        if pair in self.pairs:
            return
        self.pairs.add(pair)
        try:
            yield from _null(before.nullable, after.nullable, place, direction)
            if direction is Direction.INPUT:
                yield from self._union(before.schemas, after.schemas, place, direction)
            else:
                yield from self._union(after.schemas, before.schemas, place, direction)
        finally:
            self.pairs.discard(pair)

    def _union(
        self, needed: list[Schema], offered: list[Schema], place: str, direction: Direction
    ) -> Iterator[Break]:
        """Each variant that may be written needs one that the reader takes; the nearest tells why not."""
        for writer in needed:
            attempts = [list(self._single(writer, reader, place, direction)) for reader in offered]
            if attempts and all(attempts) and len(needed) == len(offered) == 1:
                yield from attempts[0]
            elif all(attempts):
                yield self._lost_variant(writer, offered, attempts, place, direction)

    def _lost_variant(
        self,
        writer: Schema,
        offered: list[Schema],
        attempts: list[list[Break]],
        place: str,
        direction: Direction,
    ) -> Break:
        nearest = min(attempts, key=len, default=[])
        if len(nearest) == 1 and any(types(each) & types(writer) for each in offered):
            return nearest[0]
        sides = ([writer], offered) if direction is Direction.INPUT else (offered, [writer])
        old, new = (" | ".join(sorted(map(name, side))) or "null" for side in sides)
        return Break(place, old, new, WHY_TYPE[direction])

    def _single(self, writer: Schema, reader: Schema, place: str, direction: Direction) -> Iterator[Break]:
        old, new = (writer, reader) if direction is Direction.INPUT else (reader, writer)
        if not accepts(types(reader), types(writer)):
            yield Break(place, sorted(types(old)), sorted(types(new)), WHY_TYPE[direction])
            return
        yield from _values(old, new, place, direction)
        yield from _format(old, new, place, direction)
        if direction is Direction.INPUT:
            yield from _bounds(old, new, place)
        yield from self._properties(old, new, place, direction)
        for keyword, step in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
                yield from self.compare(old[keyword], new[keyword], place + step, direction)

    def _properties(self, old: Schema, new: Schema, place: str, direction: Direction) -> Iterator[Break]:
        before, after = old.get("properties", {}), new.get("properties", {})
        yield from _fields(old, new, place, direction)
        for each in before.keys() & after.keys():
            yield from self.compare(before[each], after[each], f"{place}.{each}", direction)


WHY_TYPE = {
    Direction.INPUT: "a type that clients send is no longer accepted",
    Direction.OUTPUT: "clients may receive a type that they do not know",
}


def types(schema: Schema) -> frozenset[str]:
    """The JSON types it allows; an integer is a number, too."""
    stated = schema.get("type")
    if stated is None and "properties" in schema:
        return frozenset({"object"})
    if stated is None:
        return ANY
    return frozenset([stated] if isinstance(stated, str) else stated) - {"null"}


def accepts(reader: frozenset[str], writer: frozenset[str]) -> bool:
    """Whether the reader knows every type that may be written."""
    return writer <= (reader | {"integer"} if "number" in reader else reader)


def name(schema: Schema) -> str:
    """A variant in a word."""
    return str(schema.get("title") or "/".join(sorted(types(schema))))


def _null(old: bool, new: bool, place: str, direction: Direction) -> Iterator[Break]:  # noqa: FBT001
    if direction is Direction.INPUT and old and not new:
        yield Break(place, "nullable", "not nullable", "clients that send null are refused")
    if direction is Direction.OUTPUT and new and not old:
        yield Break(place, "not nullable", "nullable", "clients do not expect null")


def _values(old: Schema, new: Schema, place: str, direction: Direction) -> Iterator[Break]:
    before, after = _allowed(old), _allowed(new)
    if direction is Direction.INPUT and after is not None:
        lost = ["any value"] if before is None else [each for each in before if each not in after]
        why = "values that clients send are refused: " + ", ".join(lost)
    elif direction is Direction.OUTPUT and before is not None:
        lost = ["any value"] if after is None else [each for each in after if each not in before]
        why = "clients may receive values that they do not know: " + ", ".join(lost)
    else:
        return
    if lost:
        yield Break(place, before or "any value", after or "any value", why)


def _allowed(schema: Schema) -> list[str] | None:
    """The values of an enumeration, as text so that 1 and true differ."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if values is None else [each if isinstance(each, str) else repr(each) for each in values]


def _format(old: Schema, new: Schema, place: str, direction: Direction) -> Iterator[Break]:
    before, after = old.get("format"), new.get("format")
    narrower = after is not None if direction is Direction.INPUT else before is not None
    if before != after and narrower:
        yield Break(place, before or "any format", after or "any format", "the format changed")


def _bounds(old: Schema, new: Schema, place: str) -> Iterator[Break]:
    for bound in (*LOWER_BOUNDS, *UPPER_BOUNDS, *EXACT):
        before, after = old.get(bound), new.get(bound)
        if after is None or after is False or before == after:
            continue
        sign = 1 if bound in LOWER_BOUNDS else -1
        if bound in EXACT or before is None or sign * after > sign * before:
            yield Break(place, {bound: before}, {bound: after}, f"`{bound}` is tighter than before")


def _fields(old: Schema, new: Schema, place: str, direction: Direction) -> Iterator[Break]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, given = set(new.get("required", ())), set(old.get("required", ()))
    removed = sorted(before.keys() - after.keys())
    if direction is Direction.INPUT:
        for each in sorted(needed - given):
            yield Break(f"{place}.{each}", "optional" if each in before else "absent", "required", REQUIRED)
        for each in removed:
            yield Break(
                f"{place}.{each}", "accepted", "removed", "clients that send it are refused or ignored"
            )
        if old.get("additionalProperties", True) is not False and new.get("additionalProperties") is False:
            yield Break(place, "open", "closed", "unknown fields, accepted before, are refused")
        return
    for each in removed:
        yield Break(f"{place}.{each}", "returned", "removed", "clients that read it find nothing")
    for each in sorted((given - needed) & after.keys()):
        yield Break(f"{place}.{each}", "always there", "may be absent", "clients rely on finding it")


REQUIRED = "clients that do not send it are refused"
