"""Items over the wire."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.schemas.base import MAX_SAFE_INTEGER, ONE_LINE, PROSE, Input, Output, Parameters, Search, Timestamp
from app.schemas.page import PageParameters

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    ONE_LINE,
    Field(examples=["Reading lamp"]),
]
Description = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=5000), PROSE, Field(examples=["Brass, 1932."])
]
Status = Literal["draft", "active", "archived"]
Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=50),
    ONE_LINE,
    Field(examples=["lamp"]),
]
Tags = Annotated[list[Tag], Field(max_length=20), AfterValidator(lambda tags: list(dict.fromkeys(tags)))]
PriceMinor = Annotated[
    int, Field(ge=0, le=MAX_SAFE_INTEGER, description="In the currency's smallest unit.", examples=[4900])
]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.", examples=["EUR"])]

ExportFormat = Literal["csv", "jsonl"]
MAX_BULK = 1000


def _check_price(price: object, currency: object) -> None:
    if (price in {None, MISSING}) != (currency in {None, MISSING}):
        raise PydanticCustomError("price_with_currency", "price_minor and currency go together")


class ItemCreate(Input):
    """A new item, or with PUT everything an item should become."""

    title: Title
    description: Description | None = None
    status: Status = "draft"
    tags: Tags = Field(default=[])
    price_minor: PriceMinor | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _price_with_currency(self) -> Self:
        _check_price(self.price_minor, self.currency)
        return self


class ItemUpdate(Input):
    """What to change about an item; fields left out stay as they are."""

    title: Title | MISSING = MISSING
    description: Description | MISSING | None = MISSING
    status: Status | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    price_minor: PriceMinor | MISSING | None = MISSING
    currency: Currency | MISSING | None = MISSING

    @model_validator(mode="after")
    def _price_with_currency(self) -> Self:
        _check_price(self.price_minor, self.currency)
        return self


class ItemResponse(Output):
    """An item."""

    id: UUID
    owner_id: UUID
    title: str = Field(examples=["Reading lamp"])
    description: str | None = Field(examples=["Brass, 1932."])
    status: Status
    tags: list[str] = Field(examples=[["lamp"]])
    price_minor: int | None = Field(examples=[4900])
    currency: str | None = Field(examples=["EUR"])
    version: int = Field(description="Counts up with every change.", examples=[1])
    created_at: Timestamp
    updated_at: Timestamp


class ItemBulkCreate(Input):
    """New items, all of them or none."""

    items: list[ItemCreate] = Field(min_length=1, max_length=MAX_BULK)


class ItemBulkResponse(Output):
    """The new items, in the order they were sent."""

    items: list[ItemResponse]


class ItemFilters(Parameters):
    """Which items."""

    status: Status | MISSING = MISSING
    tag: Tag | MISSING = Field(MISSING, description="Items that carry this tag.")
    q: Search | MISSING = Field(
        MISSING, description="Words, or their beginnings, in the title or the description, in any case."
    )


class ItemParameters(ItemFilters, PageParameters):
    """Which items, and which part of their list."""

    sort: Literal["created_at", "-created_at", "updated_at", "-updated_at", "title", "-title"] = "-created_at"


class ItemExportParameters(ItemFilters):
    """Which items, and in which format."""

    format: ExportFormat = Field("csv", description="CSV (RFC 4180) or JSON Lines.")
