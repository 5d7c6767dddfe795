"""The OpenAPI document, made to tell the whole truth about errors."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.core.problems import MEDIA_TYPE, phrase
from app.schemas.problem import FieldProblem, Problem

REFERENCE = "#/components/schemas/{model}"
FIRST_ERROR = 400


def operation_id(route: APIRoute) -> str:
    """A handler's name is its operation's id: generated clients get good method names."""
    return route.name


class DocumentedApp(FastAPI):
    """FastAPI whose document describes each error that the layers around a route may answer with."""

    def openapi(self) -> dict[str, Any]:
        """The document (OpenAPI 3.1), built once."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                license_info=self.license_info,
                routes=self.routes,
                tags=self.openapi_tags,
                servers=self.servers,
            )
            _add_problems(document)
            self.openapi_schema = document
        return self.openapi_schema


def _add_problems(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (Problem, FieldProblem):
        schema = model.model_json_schema(ref_template=REFERENCE)
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    for operations in document["paths"].values():
        for operation in operations.values():
            _document_errors(operation)


def _document_errors(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for status in _statuses(operation):
        responses.setdefault(str(status), {"description": phrase(status)})
    for status, response in responses.items():
        if int(status) >= FIRST_ERROR:
            response["description"] = response["description"] or phrase(int(status))
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
    operation["responses"] = dict(sorted(responses.items()))


def _statuses(operation: dict[str, Any]) -> set[int]:
    """What the layers around a route answer with: wrong host, oversized headers, failures, and more."""
    statuses = {400, 431, 500, 503}
    if operation.get("security"):
        statuses |= {401}
    if "requestBody" in operation:
        statuses |= {413, 415, 422}
    if operation.get("parameters"):
        statuses |= {422}
    return statuses
