"""The gate: what breaks a client is named, what does not is silent."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shipworthy.contract import compare, main

Node = dict[str, Any]
Change = Callable[[Node], object]
REAL = Path(__file__).parents[4] / "openapi.json"
LIST, ONE = "/api/v1/items", "/api/v1/items/{item_id}"


@pytest.fixture(scope="module")
def real() -> Node:
    document: Node = json.loads(REAL.read_text())
    return document


def properties(document: Node, schema: str) -> Node:
    found: Node = document["components"]["schemas"][schema]["properties"]
    return found


def parameter(document: Node, name: str) -> Node:
    found: Node = next(each for each in document["paths"][LIST]["get"]["parameters"] if each["name"] == name)
    return found


def new_parameter(document: Node, **fields: object) -> None:
    document["paths"][LIST]["get"]["parameters"].append({"name": "X-New", "schema": {}, **fields})


def rename(document: Node, old: str, new: str) -> None:
    document["paths"][new] = document["paths"].pop(old)


# Each change to the real document, and a part of the place that must be named.
BREAKING: dict[str, tuple[str, Change]] = {
    "removed route": ("GET /api/v1/items", lambda d: d["paths"].pop(LIST)),
    "removed operation": (f"DELETE {ONE}", lambda d: d["paths"][ONE].pop("delete")),
    "renamed operation": ("operationId", lambda d: d["paths"][ONE]["get"].update(operationId="fetch_item")),
    "removed response field": (".title", lambda d: properties(d, "ItemResponse").pop("title")),
    "response field may be absent": (
        ".title",
        lambda d: d["components"]["schemas"]["ItemResponse"]["required"].remove("title"),
    ),
    "response field may be null": (
        ".title",
        lambda d: properties(d, "ItemResponse").update(title={"type": ["string", "null"]}),
    ),
    "response type changed": (
        ".version",
        lambda d: properties(d, "ItemResponse").update(version={"type": "string"}),
    ),
    "response enum has a new value": (
        ".status",
        lambda d: properties(d, "ItemResponse")["status"]["enum"].append("sold"),
    ),
    "response format changed": (".id", lambda d: properties(d, "ItemResponse")["id"].pop("format")),
    "new required header": (
        "header x-new",
        lambda d: new_parameter(d, **{"in": "header", "required": True}),
    ),
    "new required query parameter": (
        "query X-New",
        lambda d: new_parameter(d, **{"in": "query", "required": True}),
    ),
    "parameter became required": ("query limit", lambda d: parameter(d, "limit").update(required=True)),
    "removed parameter": ("query q", lambda d: parameter(d, "q").update(name="text")),
    "new required body field": (
        ".status",
        lambda d: d["components"]["schemas"]["ItemCreate"]["required"].append("status"),
    ),
    "removed body field": (".tags", lambda d: properties(d, "ItemCreate").pop("tags")),
    "input enum lost a value": (
        ".status",
        lambda d: properties(d, "ItemCreate")["status"]["enum"].remove("draft"),
    ),
    "maximum lowered": ("query limit", lambda d: parameter(d, "limit")["schema"].update(maximum=50)),
    "minimum raised": ("query limit", lambda d: parameter(d, "limit")["schema"].update(minimum=2)),
    "length tightened": (".title", lambda d: properties(d, "ItemCreate")["title"].update(maxLength=9)),
    "new pattern": (".title", lambda d: properties(d, "ItemCreate")["title"].update(pattern="^a")),
    "input may not be null": (
        ".description",
        lambda d: properties(d, "ItemCreate").update(description={"type": "string", "maxLength": 5000}),
    ),
    "input type changed": (
        ".price_minor",
        lambda d: properties(d, "ItemCreate").update(price_minor={"type": ["string", "null"]}),
    ),
    "success status changed": (
        "POST /api/v1/items",
        lambda d: rename_status(d["paths"][LIST]["post"]["responses"], "201", "200"),
    ),
    "response media type removed": (
        "200 application/json",
        lambda d: rename_status(
            d["paths"][LIST]["get"]["responses"]["200"]["content"], "application/json", "text/csv"
        ),
    ),
    "request media type removed": (
        "body application/json",
        lambda d: rename_status(
            d["paths"][LIST]["post"]["requestBody"]["content"], "application/json", "text/csv"
        ),
    ),
    "response header removed": (
        "header Location",
        lambda d: d["paths"][LIST]["post"]["responses"]["201"]["headers"].pop("Location"),
    ),
    "more scopes": (
        "security",
        lambda d: d["paths"][LIST]["get"]["security"][0]["OAuth2PasswordBearer"].append("items:admin"),
    ),
    "a public route asks for credentials": (
        "POST /api/v1/users security",
        lambda d: d["paths"]["/api/v1/users"]["post"].update(security=[{"OAuth2PasswordBearer": []}]),
    ),
}
QUIET: dict[str, Change] = {
    "nothing": lambda _: None,
    "new route": lambda d: d["paths"].update({"/api/v2/items": d["paths"][LIST]}),
    "new optional parameter": lambda d: new_parameter(d, **{"in": "query"}),
    "new optional body field": lambda d: properties(d, "ItemCreate").update(colour={"type": "string"}),
    "new response field": lambda d: properties(d, "ItemResponse").update(colour={"type": "string"}),
    "new response status": lambda d: d["paths"][LIST]["get"]["responses"].update({"418": {}}),
    "new media type": lambda d: d["paths"][LIST]["get"]["responses"]["200"]["content"].update({"a/b": {}}),
    "input enum has a new value": lambda d: properties(d, "ItemCreate")["status"]["enum"].append("sold"),
    "response enum lost a value": lambda d: properties(d, "ItemResponse")["status"]["enum"].pop(),
    "maximum raised": lambda d: parameter(d, "limit")["schema"].update(maximum=500),
    "input may be null": lambda d: properties(d, "ItemCreate")["title"].update(type=["string", "null"]),
    "response is never null": lambda d: properties(d, "ItemResponse").update(description={"type": "string"}),
    "fewer scopes": lambda d: d["paths"][LIST]["get"].update(security=[{"OAuth2PasswordBearer": []}]),
    "another way to authenticate": lambda d: d["paths"][LIST]["get"]["security"].append({"other": []}),
    "words": lambda d: d["paths"][LIST]["get"].update(summary="Things", deprecated=True),
    "renamed path parameter": lambda d: rename(d, ONE, "/api/v1/items/{id}"),
}


def rename_status(node: Node, old: str, new: str) -> None:
    node[new] = node.pop(old)


@pytest.mark.parametrize("kind", BREAKING)
def test_a_breaking_change_of_the_real_document_is_named(real: Node, kind: str) -> None:
    place, change = BREAKING[kind]
    changed = deepcopy(real)
    change(changed)

    breaks = compare(real, changed)

    assert any(place in each.place for each in breaks), breaks
    assert all(each.why and each.old != each.new for each in breaks)


@pytest.mark.parametrize("kind", QUIET)
def test_what_breaks_nobody_is_not_mentioned(real: Node, kind: str) -> None:
    changed = deepcopy(real)
    QUIET[kind](changed)
    if kind == "renamed path parameter":
        for operation in changed["paths"]["/api/v1/items/{id}"].values():
            operation["parameters"][0]["name"] = "id"

    assert compare(real, changed) == []


def document(schema: Node, **others: Node) -> Node:
    """An operation that takes and returns the same schema."""
    content = {"application/json": {"schema": schema}}
    operation = {"requestBody": {"content": content}, "responses": {"200": {"content": content}}}
    return {"openapi": "3.1.0", "paths": {"/a": {"post": operation}}, "components": {"schemas": others}}


def test_schemas_that_contain_themselves_are_compared_once() -> None:
    reference: Node = {"$ref": "#/components/schemas/Tree"}
    fields: Node = {"value": {"type": "integer"}, "children": {"type": "array", "items": reference}}
    old = document(reference, Tree={"type": "object", "properties": fields})
    new = deepcopy(old)
    new["components"]["schemas"]["Tree"]["properties"]["value"] = {"type": "string"}
    loop = document(reference, Tree={"allOf": [reference]})

    assert len(compare(old, new)) == 2
    assert compare(old, old) == compare(loop, loop) == []


def test_unions_and_their_parts_are_compared_by_what_they_allow() -> None:
    text, number = {"type": "string"}, {"type": "integer"}
    parts = [{"type": "object", "properties": {"a": text}}, {"properties": {"b": number}, "required": ["b"]}]
    whole = {"type": "object", "properties": {"a": text, "b": number}, "required": ["b"]}

    assert compare(document({"allOf": parts}), document(whole)) == []
    assert compare(document({"anyOf": [text, number]}), document({"oneOf": [number, text]})) == []
    [lost] = compare(document({"anyOf": [text, number]}), document(text))
    assert "body" in lost.place
    [gained] = compare(document(text), document({"anyOf": [text, number]}))
    assert "200" in gained.place


def test_an_operation_may_go_when_its_announced_sunset_has_passed(real: Node) -> None:
    old = deepcopy(real)
    old["paths"][LIST]["get"] |= {"deprecated": True, "x-sunset": "2030-01-01T00:00:00Z"}
    new = deepcopy(old)
    del new["paths"][LIST]["get"]

    assert compare(old, new, date(2030, 1, 1)) == []
    assert len(compare(old, new, date(2029, 12, 31))) == 1


def test_the_command_says_what_breaks_and_answers_with_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, no = (tmp_path / name for name in ("old.json", "new.json", "no.json"))
    old.write_text(json.dumps(document({"type": "string", "maxLength": 9})))
    new.write_text(json.dumps(document({"type": "string", "maxLength": 5})))
    no.write_text("[]")

    assert main([str(old), str(old)]) == 0
    assert main([str(old), str(new)]) == 1
    assert 'old: {"maxLength": 9}\n  new: {"maxLength": 5}\n  why: ' in capsys.readouterr().out
    assert main([str(old), str(no)]) == main([str(old), "/nowhere"]) == 2
    assert "is not an OpenAPI 3 document" in capsys.readouterr().err
