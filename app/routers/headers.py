"""Response headers, and how they are documented. Places are paths: none repeats the Host header."""

from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts

from app.services.paging import Slice

T = TypeVar("T")
TAG = {"ETag": {"description": "Its version, as a strong tag (RFC 9110).", "schema": {"type": "string"}}}
TAGGED: dict[int | str, dict[str, Any]] = {200: {"headers": TAG}}
TAGGED_NEW: dict[int | str, dict[str, Any]] = {201: {"headers": TAG}}
CONDITIONAL = TAGGED | {304: {"description": "You have it already", "headers": TAG}}
LINK = {"description": "The next page, if there is one (RFC 8288).", "schema": {"type": "string"}}
LINKED: dict[int | str, dict[str, Any]] = {200: {"headers": {"Link": LINK}}}


def redirects(status: int) -> dict[int | str, dict[str, Any]]:
    """``responses=`` for a route that sends browsers elsewhere."""
    location = {"description": "Where to go.", "schema": {"type": "string", "format": "uri"}}
    return {status: {"description": "Go elsewhere", "headers": {"Location": location}}}


def download_of(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """``responses=`` for a route that answers with a file."""
    name = {"description": "The file's name (RFC 6266).", "schema": {"type": "string"}}
    content = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return {200: {"description": "The file", "headers": {"Content-Disposition": name}, "content": content}}


def created(request: Request, response: Response, resource: T, operation: str, **parameters: UUID) -> T:
    """The resource, with a ``Location``: the path of the operation that reads it (RFC 9110, 10.2.2)."""
    request.state.created = parameters  # a new account owns the answer that is kept of its registration
    response.headers["Location"] = _path(request.app, operation).format_map(parameters)
    return resource


@cache
def _path(app: FastAPI, operation: str) -> str:
    """The pattern of an operation's path: FastAPI's ``url_path_for`` looks through all routes every time."""
    return next(each.path for each in iter_route_contexts(app.routes) if each.name == operation and each.path)


def link_next(request: Request, page: Slice[object]) -> dict[str, str]:
    """A ``Link`` to the next page (RFC 8288), if there is one."""
    if page.next_cursor is None:
        return {}
    url = request.url.include_query_params(cursor=page.next_cursor)
    return {"Link": f'<{request.scope["path"]}?{url.query}>; rel="next"'}
