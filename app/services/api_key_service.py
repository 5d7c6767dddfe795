"""API keys: made by their owner, shown once, and recognised by their hash."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select

from app.core.database import Session
from app.core.errors import Forbidden, NotFound
from app.core.opaque_tokens import fingerprint, make_token
from app.models import Action, ApiKey, User
from app.schemas.api_key import ApiKeyCreate, ApiKeyCreated, ApiKeyParameters, ApiKeyResponse
from app.services.audit_service import AuditService
from app.services.caller_service import InvalidToken
from app.services.paging import Listing, Pager, Slice

API_KEYS = Listing(ApiKey, {"user_id": ApiKey.user_id == bindparam("user_id")})
PREFIX = "sw_"
SHOWN = 9  # characters of a key that are kept to tell keys apart
PRECISION = timedelta(minutes=1)  # of `last_used_at`: not every request should write


class ApiKeyNotFound(NotFound):
    """You have no such API key."""


class InsufficientScope(Forbidden):
    """The API key may not do this (RFC 6750, section 3.1)."""

    headers = MappingProxyType({"WWW-Authenticate": 'Bearer error="insufficient_scope"'})


@dataclass(frozen=True)
class ApiKeyService:
    """Makes, recognises, lists and revokes API keys."""

    session: Session
    pager: Pager
    audit: AuditService

    async def create(self, user: User, data: ApiKeyCreate) -> ApiKeyCreated:
        """Make a key; the answer is the only place that ever has it."""
        key = make_token(PREFIX)
        row = ApiKey(user_id=user.id, prefix=key[:SHOWN], key_hash=fingerprint(key), **data.model_dump())
        self.session.add(row)
        await self.session.flush()  # the answer carries the new id
        self.audit.record(Action.KEY_CREATED, actor=user.id, target=row.id)
        return ApiKeyCreated(key=key, **ApiKeyResponse.model_validate(row).model_dump())

    async def page(self, user: User, parameters: ApiKeyParameters) -> Slice[ApiKey]:
        """List a user's keys."""
        return await self.pager.read(API_KEYS, parameters, user_id=user.id)

    async def get(self, user: User, key_id: UUID) -> ApiKey:
        """Find a key.

        Raises:
            ApiKeyNotFound: there is none, or it is somebody else's.
        """
        query = select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user.id)
        if row := await self.session.scalar(query):
            return row
        raise ApiKeyNotFound("You have no such API key.")

    async def revoke(self, user: User, key_id: UUID) -> None:
        """Delete a key: it is refused from the next request on.

        Raises:
            ApiKeyNotFound: there is none, or it is somebody else's.
        """
        mine = delete(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user.id)
        if await self.session.scalar(mine.returning(ApiKey.id)) is None:
            raise ApiKeyNotFound("You have no such API key.")
        self.audit.record(Action.KEY_REVOKED, actor=user.id, target=key_id)

    async def identify(self, key: str, needed: set[str]) -> User:
        """Whose key this is.

        Raises:
            InvalidToken: it is made up, revoked or expired, or its user is disabled.
            InsufficientScope: it lacks a needed scope.
        """
        query = (
            select(User, ApiKey)
            .join(ApiKey, ApiKey.user_id == User.id)
            .where(ApiKey.key_hash == fingerprint(key), User.is_active)
            .where(or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()))
        )
        if (row := (await self.session.execute(query)).one_or_none()) is None:
            raise InvalidToken("The API key is not valid, or no longer.")
        user, known = row
        if not needed or not needed <= set(known.scopes):
            raise InsufficientScope("This API key may not do this.")
        now = datetime.now(UTC)
        if known.last_used_at is None or now - known.last_used_at > PRECISION:
            known.last_used_at = now
        return user
