"""The OpenAPI document, made to tell the whole truth: every header and every error that may come back."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from app.core.preconditions import Document
from app.core.problem_details import MEDIA_TYPE, phrase
from app.core.problems import problems
from app.core.replay import REPLAYED
from app.dependencies import Deprecation, Gone
from app.schemas.problem import FieldProblem, Problem
from app.services.idempotency_service import IdempotencyKeyReused, RequestInProgress

REFERENCE = "#/components/schemas/{model}"
FIRST_ERROR = 400
TAGS = [
    {"name": "users", "description": "Accounts: your own, and everybody's for administrators."},
    {"name": "auth", "description": "Logging in and out; what mails confirm."},
    {"name": "api keys", "description": "For programs that act for a user."},
    {"name": "items", "description": "What users keep."},
    {"name": "webhooks", "description": "Where you want to hear of events, and what was sent there."},
    {"name": "jobs", "description": "Work that takes longer than a request."},
    {"name": "queue", "description": "All that workers do; for administrators."},
    {"name": "audit", "description": "Who did what, when and from where; for administrators."},
    {"name": "operations", "description": "For probes and operators."},
]
HEADERS = {
    201: ("Location", "Where the new resource is."),
    401: ("WWW-Authenticate", "How to authenticate (RFC 6750)."),
    429: ("Retry-After", "Seconds after which trying again makes sense."),
    503: ("Retry-After", "Seconds after which trying again makes sense."),
}
DEPRECATION_HEADERS = {
    "Deprecation": {"description": "Since when (RFC 9745).", "schema": {"type": "string"}},
    "Sunset": {"description": "When it stops answering (RFC 8594).", "schema": {"type": "string"}},
}


def operation_id(route: APIRoute) -> str:
    """A handler's name is its operation's id: generated clients get good method names."""
    return route.name


class DocumentedApp(FastAPI):
    """FastAPI whose document describes each answer that the layers around a route may give, too."""

    def openapi(self) -> dict[str, Any]:
        """The document (OpenAPI 3.1), built once."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                contact=self.contact,
                license_info=self.license_info,
                routes=self.routes,
                tags=TAGS,
            )
            _document_deprecations(document["paths"], self.routes)
            _add_problem_schemas(document["components"]["schemas"])
            for operations in document["paths"].values():
                for operation in operations.values():
                    _document_answers(operation)
            self.openapi_schema = document
        return self.openapi_schema

    @cached_property
    def document(self) -> Document:
        """The document as it is sent."""
        return Document(json.dumps(self.openapi()).encode(), "application/json")


def _add_problem_schemas(schemas: dict[str, Any]) -> None:
    for framework_own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework_own, None)
    for model in (Problem, FieldProblem):
        schemas[model.__name__] = model.model_json_schema(ref_template=REFERENCE)
        schemas[model.__name__].pop("$defs", None)


def _document_deprecations(paths: dict[str, Any], routes: Sequence[BaseRoute]) -> None:
    for context in iter_route_contexts(routes):
        for each in getattr(context, "dependencies", None) or ():
            if isinstance(each.dependency, Deprecation):
                documented = paths.get(str(context.path_format), {})
                for method in {name.lower() for name in context.methods or ()} & documented.keys():
                    operation = documented[method]
                    operation |= {"deprecated": True, "x-sunset": each.dependency.sunset.isoformat()}
                    operation["responses"].update({str(k): v for k, v in problems(Gone).items()})


def _document_answers(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    if _is_idempotent(operation):
        _document_replays(answers)
    for status in _statuses(operation):
        if str(status) not in answers or answers[str(status)]["description"] == "Validation Error":
            answers[str(status)] = {"description": phrase(status)}
    for status, answer in answers.items():
        if int(status) >= FIRST_ERROR:
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
        if int(status) in HEADERS:
            name, text = HEADERS[int(status)]
            answer.setdefault("headers", {})[name] = {"description": text, "schema": {"type": "string"}}
        if operation.get("deprecated"):
            answer.setdefault("headers", {}).update(DEPRECATION_HEADERS)
    operation["responses"] = dict(sorted(answers.items()))


def _is_idempotent(operation: dict[str, Any]) -> bool:
    return any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))


def _document_replays(answers: dict[str, Any]) -> None:
    for status, error in ((409, RequestInProgress), (422, IdempotencyKeyReused)):
        answer = answers.setdefault(str(status), {"description": phrase(status)})
        if answer["description"] == "Validation Error":
            answer["description"] = phrase(status)
        answer["description"] += f"; `{error.type}`"
    retry = {"description": "Seconds, if the first request is still running.", "schema": {"type": "string"}}
    answers["409"]["headers"] = {"Retry-After": retry}
    success = next(status for status in answers if status.startswith("2"))
    replayed = {
        "description": "`true` if this was the answer to an earlier request.",
        "schema": {"type": "string"},
    }
    answers[success].setdefault("headers", {})[REPLAYED] = replayed


def _statuses(operation: dict[str, Any]) -> set[int]:
    """What the layers around a route may answer: unknown host, oversized headers, failures, and more."""
    statuses = {400, 431, 500, 503}
    if "operations" not in operation["tags"]:
        statuses |= {429}
    if operation.get("security"):
        statuses |= {401, 403}
    if "requestBody" in operation:
        statuses |= {413, 415}
    if "requestBody" in operation or operation.get("parameters"):
        statuses |= {422}
    return statuses
