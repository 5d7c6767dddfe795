"""The OpenAPI document: what generated clients and the docs page are made from."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from openapi_spec_validator import validate

from app.core.config import Settings
from app.dependencies.idempotency import IdempotentRoute, get_claim
from app.main import create_app
from dev.pages import ROOT
from tests.apps import app_of
from tests.support import make_settings, open_client, running

NOT_DOCUMENTED = {"/openapi.json", "/docs", "/docs/assets", "/metrics"}
CREDENTIALS = {"create_token", "refresh_token", "finish_oidc_login"}  # they are in the body
TIMES_AND_IDS = {"date-time", "uuid"}  # formats that explain themselves


@pytest.fixture(scope="module")
def settings() -> Settings:
    return make_settings("postgresql://unused")


@pytest.fixture(scope="module")
def document(settings: Settings) -> dict[str, Any]:
    return app_of(settings).openapi()


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)


def test_the_committed_document_is_what_make_openapi_writes(document: dict[str, Any]) -> None:
    written = json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    assert (ROOT / "openapi.json").read_text() == written, "openapi.json is out of date: run `make openapi`"


def test_every_route_is_documented(settings: Settings, document: dict[str, Any]) -> None:
    routes = {str(context.path) for context in iter_route_contexts(app_of(settings).routes)}
    routes = {path for path in routes if not path.startswith("/admin")}  # admin_ui: pages for people

    assert routes == document["paths"].keys() | NOT_DOCUMENTED


def test_operation_ids_are_unique_and_read_as_verb_and_noun(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(document)]

    assert len(ids) == len(set(ids))
    assert [each for each in ids if not each.replace("_", "").isalpha() or "_" not in each] == []


def test_every_operation_says_what_it_does_and_where_it_belongs(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}

    assert all(operation["description"] for operation in operations(document))
    assert all(len(operation["tags"]) == 1 for operation in operations(document))
    assert {operation["tags"][0] for operation in operations(document)} == tags


def test_every_error_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

    for operation in operations(document):
        errors = {status: each for status, each in operation["responses"].items() if int(status) >= 400}
        assert {"400", "431", "500", "503"} <= errors.keys()
        assert ("401" in errors) == ("security" in operation or operation["operationId"] in CREDENTIALS)
        assert ("415" in errors) == ("requestBody" in operation)
        assert all(each["content"] == problem for each in errors.values())
        assert all(each["description"] for each in errors.values())


def test_created_resources_are_documented_with_their_location(document: dict[str, Any]) -> None:
    created = [each["responses"]["201"] for each in operations(document) if "201" in each["responses"]]

    assert created
    assert all("Location" in answer["headers"] for answer in created)


def test_conditional_requests_are_documented_with_their_answers_and_tags(document: dict[str, Any]) -> None:
    answers = {"If-None-Match": {"304"}, "If-Match": {"412"}}
    asked = [
        (operation, parameter["name"])
        for operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["name"] in answers
    ]

    assert {name for _, name in asked} == answers.keys()
    for operation, name in asked:
        assert answers[name] <= operation["responses"].keys()
        tagged = {
            status for status, each in operation["responses"].items() if "ETag" in each.get("headers", {})
        }
        assert tagged == {"200", "304"} & operation["responses"].keys()
        of_item, changes = operation["tags"] == ["items"], name == "If-Match"
        assert ("428" in operation["responses"]) == (of_item and changes)


def test_a_route_that_takes_an_idempotency_key_keeps_its_answer(settings: Settings) -> None:
    keyed = [
        context.original_route
        for context in iter_route_contexts(app_of(settings).routes)
        if isinstance(context.original_route, APIRoute)
        and any(each.call is get_claim for each in context.original_route.dependant.dependencies)
    ]

    assert keyed
    assert [route.path for route in keyed if not isinstance(route, IdempotentRoute)] == []


def test_every_field_has_an_example_or_explains_itself(document: dict[str, Any]) -> None:
    missing = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, details in schema.get("properties", {}).items()
        if not _explains_itself(details)
    ]

    assert missing == []


def _explains_itself(details: dict[str, Any]) -> bool:
    known = {"examples", "enum", "const", "$ref"} & details.keys()
    if known or details.get("format") in TIMES_AND_IDS or details.get("type") == "boolean":
        return True
    parts = [*details.get("anyOf", []), details.get("items", {})]
    return any(part and _explains_itself(part) for part in parts)


async def test_docs_can_be_switched_off() -> None:
    settings = make_settings("postgresql://unused", docs=False)

    async with running(create_app(settings)) as service, open_client(service) as client:
        for path in ("/docs", "/openapi.json", "/docs/assets/swagger-ui.css"):
            assert (await client.get(f"http://localhost{path}")).status_code == 404
