"""Items."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.core.cursors import InvalidCursor
from app.core.problems import problems
from app.dependencies import Idempotent, IdempotentRoute, ItemQuery, ItemReader, Items, ItemWriter
from app.models import Item
from app.routers.headers import LINKED, created, link_next
from app.schemas.item import ItemCreate, ItemResponse, ItemUpdate
from app.schemas.page import Page
from app.services.item_service import ItemNotFound
from app.services.paging import Slice

router = APIRouter(prefix="/items", tags=["items"], route_class=IdempotentRoute)
NOT_FOUND = problems(ItemNotFound)


@router.post("", response_model=ItemResponse, status_code=201)
async def create_item(
    data: ItemCreate, user: ItemWriter, _: Idempotent, items: Items, request: Request, response: Response
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
