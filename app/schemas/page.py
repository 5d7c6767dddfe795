"""Lists."""

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from app.schemas.base import Output, Parameters, WholeNumber

T = TypeVar("T")


class Page(Output, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null on the last.")


class PageParameters(Parameters):
    """Which part of a list."""

    limit: Annotated[WholeNumber, Field(ge=1, le=100)] = 20
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")
    sort: str = "-created_at"
