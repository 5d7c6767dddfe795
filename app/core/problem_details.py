"""What a problem document says (RFC 9457), for every layer that refuses."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from app.core.errors import Fault

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:problem:"
# RFC 9110's names; Python's own changed in 3.13, and a problem's type must not change with it.
PHRASES = {413: "Content Too Large", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}


def describe(request_id: str, status: int, kind: str, detail: str, faults: Iterable[Fault] = ()) -> str:
    """What went wrong, as a document."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + kind,
        "title": phrase(status),
        "status": status,
        "detail": detail,
        "instance": f"urn:request:{request_id}",
        "request_id": request_id,
    }
    if errors := [{"pointer": f.pointer, "code": f.code, "message": f.message} for f in faults]:
        body["errors"] = errors
    return json.dumps(body)


def phrase(status: int) -> str:
    """The status in words (RFC 9110, section 15)."""
    return PHRASES.get(status) or HTTPStatus(status).phrase


def kind_of(status: int) -> str:
    """The type of a problem that has no better name than its status: ``not-found``."""
    return phrase(status).lower().replace(" ", "-")
