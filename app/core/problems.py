"""The one place where errors become responses: problem details for HTTP APIs (RFC 9457).

No answer echoes what the client sent, and a 500 says nothing of its cause; the log does.
"""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core.errors import DomainError, Fault, Invalid, pointer
from app.core.problem_details import MEDIA_TYPE, describe, kind_of, phrase

MAX_FAULTS = 100
LOCATIONS = {"body": "", "query": "/query", "path": "/path", "header": "/header", "cookie": "/cookie"}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
JSON = re.compile(r"application/([^;]+\+)?json\s*(;|$)", re.IGNORECASE)


class MalformedBody(DomainError):
    """The body cannot be parsed at all."""


class UnsupportedMediaType(DomainError):
    """The body is not in a format this route reads (RFC 9110, section 15.5.16)."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class ValidationFailed(Invalid):
    """The body or a parameter is not what this route takes."""


def problem(request: Request, status: int, kind: str, detail: str, faults: Iterable[Fault] = ()) -> Response:
    """A response that says what went wrong."""
    body = describe(request.state.request_id, status, kind, detail, faults)
    return Response(body, status, media_type=MEDIA_TYPE)


async def as_problem(request: Request, error: DomainError) -> Response:
    """Render a domain error."""
    response = problem(request, error.status, error.type, error.detail, error.faults)
    response.headers.update(error.headers)
    return response


async def as_http_problem(request: Request, error: HTTPException) -> Response:
    """Render an error of the framework's own; OPTIONS is none, and is told what else a route takes."""
    wrong_method = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    if wrong_method and request.method == "OPTIONS":
        response = Response(status_code=HTTPStatus.NO_CONTENT)
    else:
        response = problem(request, error.status_code, kind_of(error.status_code), error.detail)
    response.headers.update(error.headers or {})
    if wrong_method:
        response.headers["Allow"] = ", ".join(sorted(_allowed_methods(request)))
    return response


async def as_validation_problem(request: Request, error: RequestValidationError) -> Response:
    """Render a refused request: unreadable 400, the wrong format 415, else 422 with a pointer per mistake."""
    errors = error.errors()
    if errors[0]["type"] == "json_invalid":
        return await as_problem(request, MalformedBody("The body is not valid JSON."))
    if expected := _wrong_media_type(request):
        return await as_problem(request, UnsupportedMediaType(f"Send the body as {expected}."))
    faults = [_fault(each) for each in errors[:MAX_FAULTS]]
    return await as_problem(request, ValidationFailed("The request is not valid.", *faults))


HANDLERS: Mapping[Any, Any] = {
    DomainError: as_problem,
    HTTPException: as_http_problem,
    RequestValidationError: as_validation_problem,
}


def problems(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """``responses=`` for the domain errors a route may answer with."""
    documented: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        known = documented.setdefault(int(error.status), {"description": phrase(error.status)})
        known["description"] += f"; `{error.type}`"
    return documented


def _allowed_methods(request: Request) -> set[str]:
    path, files = request.scope["path"], ("GET",)  # what a mount has
    fitting = [each for each in iter_route_contexts(request.app.routes) if each.path_regex.match(path)]
    own = [each for each in fitting if each.path == path]  # `/items/bulk` is no item, though its name fits
    allowed = {method for each in own or fitting for method in each.methods or files}
    return allowed | {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())


def _wrong_media_type(request: Request) -> str | None:
    route, sent = request.scope["route"], request.headers.get("content-type")
    if not sent or not isinstance(route, APIRoute) or route.body_field is None:
        return None
    if isinstance(route.body_field.field_info, Form):
        return None if sent.lower().startswith(FORMS) else FORMS[0]
    return None if JSON.match(sent) else "application/json"


def _fault(error: Mapping[str, Any]) -> Fault:
    location, *path = error["loc"]
    message = error["msg"]
    if error["type"].endswith("_parsing"):  # the rest of the sentence quotes what was sent
        message = message.partition(",")[0]
    return Fault(LOCATIONS.get(location, "") + pointer(path), error["type"], message)
