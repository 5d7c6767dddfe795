"""Items."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.core.cursors import InvalidCursor
from app.core.download import Download
from app.core.problems import problems
from app.core.slots import TooManyExports
from app.dependencies import (
    AppSettings,
    Exports,
    ExportSlot,
    ItemExportQuery,
    ItemQuery,
    ItemReader,
    Items,
    ItemWriter,
)
from app.models import Item
from app.routers.headers import LINKED, created, download_of, link_next
from app.schemas.item import ItemBulkCreate, ItemBulkResponse, ItemCreate, ItemResponse, ItemUpdate
from app.schemas.page import Page
from app.services.item_service import ItemNotFound
from app.services.paging import Slice

router = APIRouter(prefix="/items", tags=["items"])
MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}
EXPORTED = download_of(*MEDIA_TYPES.values())
NOT_FOUND = problems(ItemNotFound)


@router.post("", response_model=ItemResponse, status_code=201)
async def create_item(
    data: ItemCreate, user: ItemWriter, items: Items, request: Request, response: Response
) -> Item:
    """Create an item of your own."""
    item = await items.create(user, data)
    return created(request, response, item, "get_item", item_id=item.id)


@router.get("", response_model=Page[ItemResponse], responses=LINKED | problems(InvalidCursor))
async def list_items(
    user: ItemReader, items: Items, query: ItemQuery, request: Request, response: Response
) -> Slice[Item]:
    """List your items; administrators see everybody's."""
    page = await items.page(user, query)
    response.headers.update(link_next(request, page))
    return page


@router.post("/bulk", response_model=ItemBulkResponse, status_code=201)
async def create_items(
    data: ItemBulkCreate, user: ItemWriter, items: Items, request: Request, response: Response
) -> dict[str, Sequence[Item]]:
    """Create up to 1,000 items of your own, all of them or none."""
    created_items = await items.create_all(user, data.items)
    return created(request, response, {"items": created_items}, "list_items")


@router.get(
    "/export", response_class=Download, status_code=200, responses=EXPORTED | problems(TooManyExports)
)
async def export_items(
    user: ItemReader, _: ExportSlot, exports: Exports, query: ItemExportQuery, settings: AppSettings
) -> Download:
    """Download your items, oldest first; administrators get everybody's."""
    lines = await exports.items(user, query)
    return Download(lines, f"items.{query.format}", MEDIA_TYPES[query.format], settings.http.read_timeout)


@router.get("/{item_id}", response_model=ItemResponse, responses=NOT_FOUND)
async def get_item(item_id: UUID, user: ItemReader, items: Items) -> Item:
    """Read an item."""
    return await items.get(user, item_id)


@router.put("/{item_id}", response_model=ItemResponse, responses=NOT_FOUND)
async def replace_item(item_id: UUID, data: ItemCreate, user: ItemWriter, items: Items) -> Item:
    """Replace an item: fields left out get their defaults."""
    return await items.update(user, item_id, data)


@router.patch("/{item_id}", response_model=ItemResponse, responses=NOT_FOUND)
async def update_item(item_id: UUID, data: ItemUpdate, user: ItemWriter, items: Items) -> Item:
    """Change an item: fields left out stay as they are."""
    return await items.update(user, item_id, data)


@router.delete("/{item_id}", status_code=204, responses=NOT_FOUND)
async def delete_item(item_id: UUID, user: ItemWriter, items: Items) -> None:
    """Delete an item."""
    await items.delete(user, item_id)
