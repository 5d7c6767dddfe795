"""API keys."""

from uuid import UUID

from fastapi import Request, Response

from app.core.cursors import InvalidCursor
from app.core.preconditions import MalformedEntityTag
from app.core.problems import problems
from app.core.routing import Router
from app.dependencies import ApiKeyQuery, ApiKeys, CurrentUser, Idempotent, IdempotentRoute, IfNoneMatch
from app.models import ApiKey
from app.routers.headers import CONDITIONAL, LINKED, created, link_next
from app.schemas.api_key import ApiKeyCreate, ApiKeyCreated, ApiKeyResponse
from app.schemas.page import Page
from app.services.api_key_service import ApiKeyNotFound
from app.services.paging import Slice

router = Router(prefix="/api-keys", tags=["api keys"], route_class=IdempotentRoute)


@router.post("", status_code=201)
async def create_api_key(
    data: ApiKeyCreate, user: CurrentUser, _: Idempotent, keys: ApiKeys, request: Request, response: Response
) -> ApiKeyCreated:
    """Make a key for a program that acts for you. It is shown this once."""
    key = await keys.create(user, data)
    return created(request, response, key, "get_api_key", key_id=key.id)


@router.get("", response_model=Page[ApiKeyResponse], responses=LINKED | problems(InvalidCursor))
async def list_api_keys(
    user: CurrentUser, keys: ApiKeys, query: ApiKeyQuery, request: Request, response: Response
) -> Slice[ApiKey]:
    """List your keys."""
    page = await keys.page(user, query)
    response.headers.update(link_next(request, page))
    return page


@router.get(
    "/{key_id}",
    response_model=ApiKeyResponse,
    responses=CONDITIONAL | problems(ApiKeyNotFound, MalformedEntityTag),
)
async def get_api_key(key_id: UUID, user: CurrentUser, keys: ApiKeys, reading: IfNoneMatch) -> ApiKey:
    """Read a key's name, scopes and last use."""
    return reading.answer(await keys.get(user, key_id))


@router.delete("/{key_id}", status_code=204, responses=problems(ApiKeyNotFound))
async def revoke_api_key(key_id: UUID, user: CurrentUser, keys: ApiKeys) -> None:
    """Revoke a key: it stops working at once."""
    await keys.revoke(user, key_id)
