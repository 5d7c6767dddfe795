"""Operations: routes, parameters, bodies, answers and who may call."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from shipworthy.contract.references import Document
from shipworthy.contract.report import Break
from shipworthy.contract.schemas import REQUIRED, Comparison, Direction
from shipworthy.contract.security import security

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FIRST_ERROR = "4"
Node = dict[str, Any]


def compare(old: Node, new: Node, today: date | None = None) -> list[Break]:
    """Everything about the new document that breaks a client of the old one."""
    comparison = Comparison(Document(old), Document(new))
    before, after = _operations(comparison.old), _operations(comparison.new)
    breaks: list[Break] = []
    for key, operation in before.items():
        place = f"{operation['method'].upper()} {operation['path']}"
        if key in after:
            breaks += _operation(comparison, operation, after[key], place)
        elif not _has_set(operation, today or date.today()):  # noqa: DTZ011 - a sunset is a day
            breaks.append(Break(place, "an operation", "removed", "clients that call it get 404 or 405"))
    return breaks


def _operations(document: Document) -> dict[tuple[str, str], Node]:
    """By method and path; the names of path parameters are the document's own business."""
    found: dict[tuple[str, str], Node] = {}
    for path, reference in document.content.get("paths", {}).items():
        shared = document.follow(reference)
        for method in METHODS:
            if method in shared:
                parameters = [*shared.get("parameters", ()), *shared[method].get("parameters", ())]
                operation = shared[method] | {"parameters": parameters, "path": path, "method": method}
                operation.setdefault("security", document.content.get("security", []))
                found[method, re.sub(r"\{[^}]*\}", "{}", path)] = operation
    return found


def _has_set(operation: Node, today: date) -> bool:
    """Whether it was announced to be gone by now: deprecated, with an ``x-sunset`` in the past."""
    try:
        return bool(operation.get("deprecated")) and date.fromisoformat(operation["x-sunset"][:10]) <= today
    except (KeyError, TypeError, ValueError):
        return False


def _operation(comparison: Comparison, old: Node, new: Node, place: str) -> Iterator[Break]:
    if old.get("operationId") and old["operationId"] != new.get("operationId"):
        why = "methods of generated clients are named for it"
        yield Break(f"{place} operationId", old["operationId"], new.get("operationId"), why)
    yield from _parameters(comparison, old, new, place)
    yield from _body(comparison, old, new, place)
    yield from _answers(comparison, old, new, place)
    yield from security(comparison, old, new, place)


def _parameters(comparison: Comparison, old: Node, new: Node, place: str) -> Iterator[Break]:
    before = _by_place(comparison.old, old)
    after = _by_place(comparison.new, new)
    for (where, name), parameter in after.items():
        known = before.get((where, name))
        if parameter.get("required") and not (known and known.get("required")):
            yield Break(f"{place} {where} {name}", "optional" if known else "absent", "required", REQUIRED)
    for (where, name), parameter in before.items():
        here = f"{place} {where} {name}"
        if (where, name) not in after:
            why = "clients that send it are refused or ignored"
            yield Break(here, "accepted", "removed", why)
            continue
        other = after[where, name]
        for keyword in ("style", "explode"):
            if parameter.get(keyword) != other.get(keyword):
                why = "the value is written in another way"
                yield Break(here, {keyword: parameter.get(keyword)}, {keyword: other.get(keyword)}, why)
        yield from comparison.compare(_schema(parameter), _schema(other), here, Direction.INPUT)


def _by_place(document: Document, operation: Node) -> dict[tuple[str, str], Node]:
    """Path parameters are known by their position, headers in any case, the rest by name."""
    positions = re.findall(r"\{([^}]*)\}", operation["path"])
    found: dict[tuple[str, str], Node] = {}
    for reference in operation["parameters"]:
        parameter = document.follow(reference)
        where, name = parameter.get("in", ""), parameter.get("name", "")
        if where == "path" and name in positions:
            name = f"#{positions.index(name) + 1}"
        found[where, name.lower() if where == "header" else name] = parameter
    return found


def _schema(node: Node) -> Node:
    """The schema of a parameter or header, which may hide in a media type."""
    holder: Node = next(iter(node.get("content", {}).values()), node)
    schema: Node = holder.get("schema", {})
    return schema


def _body(comparison: Comparison, old: Node, new: Node, place: str) -> Iterator[Break]:
    before = comparison.old.follow(old.get("requestBody", {}))
    after = comparison.new.follow(new.get("requestBody", {}))
    here = f"{place} body"
    if after.get("required") and not before.get("required"):
        yield Break(here, "optional" if before else "absent", "required", REQUIRED)
    yield from _contents(comparison, before, after, here, Direction.INPUT)


def _answers(comparison: Comparison, old: Node, new: Node, place: str) -> Iterator[Break]:
    after = new.get("responses", {})
    for status, reference in old.get("responses", {}).items():
        answer, here = comparison.old.follow(reference), f"{place} {status}"
        if status in after:
            other = comparison.new.follow(after[status])
            yield from _contents(comparison, answer, other, here, Direction.OUTPUT)
            yield from _headers(comparison, answer, other, here)
        elif status < FIRST_ERROR:
            given = ", ".join(sorted(each for each in after if each < FIRST_ERROR))
            yield Break(place, status, given or "no success status", "clients wait for the old status")


def _contents(
    comparison: Comparison, old: Node, new: Node, place: str, direction: Direction
) -> Iterator[Break]:
    before, after = _by_media_type(old), _by_media_type(new)
    for media_type, content in before.items():
        here = f"{place} {media_type}"
        if media_type not in after:
            why = "clients send it" if direction is Direction.INPUT else "clients read it"
            yield Break(here, media_type, ", ".join(after) or "no content", why)
            continue
        schemas = content.get("schema", {}), after[media_type].get("schema", {})
        yield from comparison.compare(*schemas, here, direction)


def _by_media_type(node: Node) -> dict[str, Node]:
    return {name.partition(";")[0].strip().lower(): each for name, each in node.get("content", {}).items()}


def _headers(comparison: Comparison, old: Node, new: Node, place: str) -> Iterator[Break]:
    after = {name.lower(): each for name, each in new.get("headers", {}).items()}
    for name, reference in old.get("headers", {}).items():
        here = f"{place} header {name}"
        if name.lower() not in after:
            yield Break(here, "returned", "removed", "clients that read it find nothing")
            continue
        schemas = (
            _schema(comparison.old.follow(reference)),
            _schema(comparison.new.follow(after[name.lower()])),
        )
        yield from comparison.compare(*schemas, here, Direction.OUTPUT)
