"""Files that a request carries as its body."""

from typing import Annotated

from fastapi import Depends, Request

from app.core.problems import UnsupportedMediaType

FORMATS = {"text/csv": "csv", "application/jsonl": "jsonl", "application/x-ndjson": "jsonl"}


async def get_format(request: Request) -> str:
    """What the body is said to be.

    Raises:
        UnsupportedMediaType: something we do not read.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if form := FORMATS.get(media_type):
        return form
    raise UnsupportedMediaType("Send text/csv or application/jsonl.")


FileFormat = Annotated[str, Depends(get_format)]
