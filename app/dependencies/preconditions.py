"""Conditional requests: what the client knows, and answers that say which version they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Response
from pydantic import WithJsonSchema

from app.core.preconditions import Document, EntityTags, Expected, Versioned, entity_tag

Row = TypeVar("Row", bound=Versioned)
# A list, as a header may come in several lines that mean the same as one (RFC 9110, section 5.3).
Lines = Annotated[list[str] | None, WithJsonSchema({"type": "string", "examples": ['"1"']})]

# For what is the same for everybody: kept, and asked about before it is used again. CORS adds Vary: Origin.
REVALIDATED = {"Cache-Control": "no-cache"}
NONE: Mapping[str, str] = MappingProxyType({})


def tagged(response: Response, row: Row) -> Row:
    """The row, answered with the ``ETag`` of its version."""
    response.headers["ETag"] = entity_tag(row)
    return row


@dataclass(frozen=True, slots=True)
class Edit:
    """A change, and the versions that it was made to."""

    expected: Expected
    response: Response

    def answer(self, row: Row) -> Row:
        """The row as it is now."""
        return tagged(self.response, row)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader, and the versions that need not be sent again."""

    known: Expected
    response: Response

    def answer(self, row: Row) -> Row:
        """The row, or 304 without a body when the client knows it (RFC 9110, section 13.1.2)."""
        if self._knows(row):
            self.response.status_code = HTTPStatus.NOT_MODIFIED
        return tagged(self.response, row)

    def send(self, document: Document, headers: Mapping[str, str] = NONE) -> Response:
        """The document, or 304 with the same headers, which replace those that a cache has kept."""
        headers = {**REVALIDATED, "ETag": entity_tag(document), **headers}
        if self._knows(document):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(document.body, media_type=document.media_type, headers=headers)

    def _knows(self, row: Versioned) -> bool:
        return self.known is not None and self.known.include(row)


async def get_edit(
    response: Response,
    if_match: Annotated[
        Lines, Header(alias="If-Match", description="The `ETag` of the version to change, several, or `*`.")
    ] = None,
) -> Edit:
    """If-Match, read."""
    return Edit(_parse(if_match), response)


async def get_reading(
    response: Response,
    if_none_match: Annotated[
        Lines, Header(alias="If-None-Match", description="The `ETag`s of versions that you have, or `*`.")
    ] = None,
) -> Reading:
    """If-None-Match, read."""
    return Reading(_parse(if_none_match), response)


def _parse(lines: list[str] | None) -> Expected:
    return None if lines is None else EntityTags.parse(",".join(lines))


IfMatch = Annotated[Edit, Depends(get_edit)]
IfNoneMatch = Annotated[Reading, Depends(get_reading)]
