"""Lists."""

from typing import Annotated, Generic, TypeVar

from pydantic import MISSING, Field

from app.schemas.base import DIGITS, Output, Parameters

T = TypeVar("T")


class Page(Output, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_cursor: str | None = Field(
        description="Pass it as `cursor` for the next page; null on the last.", examples=["WyIyMDI2Il0.c2ln"]
    )


class PageParameters(Parameters):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=100), DIGITS] = 20
    cursor: str | MISSING = Field(MISSING, description="`next_cursor` of the page before.")
    sort: str = "-created_at"
