"""A document whose references are followed, and its schemas in one plain form."""

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Variants:
    """What a schema allows: one of these, and perhaps null."""

    source: Schema
    schemas: list[Schema]
    nullable: bool


@dataclass
class Document:
    """An OpenAPI document."""

    content: dict[str, Any]
    known: dict[int, Variants] = field(default_factory=dict)

    def follow(self, node: Any) -> Any:  # noqa: ANN401 - any part of a document
        """The node itself, or what its ``$ref`` points to within the document; a broken one is empty."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(reference := node.get("$ref"), str):
            if reference in seen:
                return {}
            seen.add(reference)
            node = self._at(reference)
        return node

    def _at(self, reference: str) -> Any:  # noqa: ANN401 - any part of a document
        node: Any = self.content
        for part in reference.removeprefix("#/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            node = node.get(key, {}) if isinstance(node, dict) else {}
        return node

    def variants(self, schema: Schema | bool) -> Variants:  # noqa: FBT001 - JSON Schema's own
        """The alternatives of a schema, without null; found once, so that recursion is noticed."""
        target = self.follow(schema)
        if not isinstance(target, dict):
            target = EVERYTHING if target else NOTHING
        if id(target) not in self.known:
            found = self._alternatives(target, frozenset())
            options = [each for each in found if not _is_null(each)]
            self.known[id(target)] = Variants(target, options, any(map(_allows_null, found)))
        return self.known[id(target)]

    def _alternatives(self, node: Any, inside: frozenset[int]) -> list[Schema]:  # noqa: ANN401
        schema = self.follow(node)
        if not isinstance(schema, dict) or id(schema) in inside:
            return [{}]
        inside |= {id(schema)}
        merged = [{k: v for k, v in schema.items() if k not in ("anyOf", "oneOf", "allOf")}]
        for part in schema.get("allOf", ()):
            merged = [_both(one, other) for one in merged for other in self._alternatives(part, inside)]
        for union in ("anyOf", "oneOf"):
            if parts := schema.get(union):
                options = [each for part in parts for each in self._alternatives(part, inside)]
                merged = [_both(one, other) for one in merged for other in options]
        return merged


EVERYTHING: Schema = {}
NOTHING: Schema = {"enum": []}


def _both(one: Schema, other: Schema) -> Schema:
    """What satisfies the two: fields and required ones add up, else the second, more special, decides."""
    merged = one | other
    if "properties" in one and "properties" in other:
        merged["properties"] = one["properties"] | other["properties"]
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def _is_null(schema: Schema) -> bool:
    return schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None]


def _allows_null(schema: Schema) -> bool:
    stated = schema.get("type")
    listed = isinstance(stated, list) and "null" in stated
    return _is_null(schema) or listed or schema.get("nullable") is True
