"""Items."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import Request, Response

from app.core.cursors import InvalidCursor
from app.core.download import Download
from app.core.preconditions import MalformedEntityTag, MissingIfMatch, VersionChanged
from app.core.problems import problems
from app.core.routing import Router
from app.core.slots import TooManyExports
from app.dependencies import (
    AppSettings,
    Exports,
    ExportSlot,
    FileFormat,
    Idempotent,
    IdempotentRoute,
    IfMatch,
    IfNoneMatch,
    Imports,
    ItemExportQuery,
    ItemQuery,
    ItemReader,
    Items,
    ItemWriter,
    sent_file,
    tagged,
)
from app.dependencies.uploads import FORMATS
from app.models import Item, Job
from app.routers.headers import (
    CONDITIONAL,
    LINKED,
    PLACED,
    TAGGED,
    TAGGED_NEW,
    created,
    download_of,
    link_next,
    upload_of,
)
from app.schemas.item import ItemBulkCreate, ItemBulkResponse, ItemCreate, ItemResponse, ItemUpdate
from app.schemas.job import JobResponse
from app.schemas.page import Page
from app.services.item_service import ItemNotFound
from app.services.paging import Slice
from app.services.upload_service import EmptyUpload, TooManyUploads

router = Router(prefix="/items", tags=["items"], route_class=IdempotentRoute)
MEDIA_TYPES = {"csv": "text/csv", "jsonl": "application/jsonl"}
EXPORTED = download_of(*MEDIA_TYPES.values())
READING = problems(ItemNotFound, MalformedEntityTag)
EDITING = problems(ItemNotFound, MalformedEntityTag, MissingIfMatch, VersionChanged)


@router.post("", response_model=ItemResponse, status_code=201, responses=TAGGED_NEW)
async def create_item(
    data: ItemCreate, user: ItemWriter, _: Idempotent, items: Items, request: Request, response: Response
) -> Item:
    """Create an item of your own."""
    item = tagged(response, await items.create(user, data))
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
    data: ItemBulkCreate, user: ItemWriter, _: Idempotent, items: Items, request: Request, response: Response
) -> dict[str, Sequence[Item]]:
    """Create up to 1,000 items of your own, all of them or none."""
    created_items = await items.create_all(user, data.items)
    return created(request, response, {"items": created_items}, "list_items")


@router.post(
    "/import",
    response_model=JobResponse,
    status_code=202,
    responses=PLACED | problems(EmptyUpload, TooManyUploads),
    openapi_extra=upload_of(*FORMATS),
)
async def import_items(
    form: FileFormat, user: ItemWriter, _: Idempotent, imports: Imports, request: Request, response: Response
) -> Job:
    """Create items of your own from a file. The job's result names the rows that were wrong."""
    job = await imports.receive(user, form, sent_file(request))
    return created(request, response, job, "get_job", job_id=job.id)


@router.get(
    "/export", response_class=Download, status_code=200, responses=EXPORTED | problems(TooManyExports)
)
async def export_items(
    user: ItemReader, _: ExportSlot, exports: Exports, query: ItemExportQuery, settings: AppSettings
) -> Download:
    """Download your items, oldest first; administrators get everybody's."""
    lines = await exports.items(user, query)
    return Download(lines, f"items.{query.format}", MEDIA_TYPES[query.format], settings.http.read_timeout)


@router.get("/{item_id}", response_model=ItemResponse, responses=CONDITIONAL | READING)
async def get_item(item_id: UUID, user: ItemReader, items: Items, reading: IfNoneMatch) -> Item:
    """Read an item, unless `If-None-Match` says that you have it."""
    return reading.answer(await items.get(user, item_id))


@router.put("/{item_id}", response_model=ItemResponse, responses=TAGGED | EDITING)
async def replace_item(
    item_id: UUID, data: ItemCreate, user: ItemWriter, items: Items, edit: IfMatch
) -> Item:
    """Replace the version that `If-Match` names: fields left out get their defaults."""
    return edit.answer(await items.update(user, item_id, data, edit.expected))


@router.patch("/{item_id}", response_model=ItemResponse, responses=TAGGED | EDITING)
async def update_item(item_id: UUID, data: ItemUpdate, user: ItemWriter, items: Items, edit: IfMatch) -> Item:
    """Change the version that `If-Match` names: fields left out stay as they are."""
    return edit.answer(await items.update(user, item_id, data, edit.expected))


@router.delete("/{item_id}", status_code=204, responses=EDITING)
async def delete_item(item_id: UUID, user: ItemWriter, items: Items, edit: IfMatch) -> None:
    """Delete the version that `If-Match` names."""
    await items.delete(user, item_id, edit.expected)
