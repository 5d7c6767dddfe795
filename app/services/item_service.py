"""Items: the example domain, to be replaced by yours."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, bindparam, cast
from sqlalchemy.dialects.postgresql import ARRAY, array
from uuid_utils.compat import uuid7

from app.core.database import Session
from app.core.errors import NotFound
from app.core.preconditions import Expected, require
from app.core.reads import Rows
from app.models import ITEM_TEXTS, Action, Item, Role, User
from app.models.search import matches
from app.schemas.item import ItemCreate, ItemParameters, ItemUpdate
from app.services.audit_service import AuditService
from app.services.paging import Listing, Pager, Slice

ITEMS = Listing(
    Item,
    {
        "owner_id": Item.owner_id == bindparam("owner_id"),
        "status": Item.status == bindparam("status"),
        "tag": Item.tags.contains(cast(array([bindparam("tag")]), ARRAY(Text))),
        "q": matches(ITEM_TEXTS, bindparam("q", type_=Text)),
    },
)
ONE = Rows(Item, ITEMS.select([]).where(Item.id == bindparam("id")))
ONE_OF_MINE = Rows(Item, ITEMS.select(["owner_id"]).where(Item.id == bindparam("id")))


class ItemNotFound(NotFound):
    """There is no such item, or it is somebody else's."""


class ItemService:
    """Keeps the items that a caller may see: owners their own, administrators all."""

    def __init__(self, session: Session, pager: Pager, audit: AuditService) -> None:
        self.session = session
        self.pager = pager
        self.audit = audit

    async def create(self, caller: User, data: ItemCreate) -> Item:
        """Add an item that belongs to the caller."""
        item = Item(id=uuid7(), owner_id=caller.id, **data.model_dump())
        event = self.audit.event(Action.ITEM_CREATED, actor=caller.id, target=item.id)
        await self.session.insert(item, event)
        return item

    async def create_all(self, caller: User, data: Sequence[ItemCreate]) -> Sequence[Item]:
        """Add items that belong to the caller, with one statement: all of them or none."""
        items = [Item(owner_id=caller.id, **each.model_dump()) for each in data]
        self.session.add_all(items)
        await self.session.flush()  # the answer carries the new ids
        for item in items:
            self.audit.record(Action.ITEM_CREATED, actor=caller.id, target=item.id)
        return items

    async def get(self, caller: User, item_id: UUID) -> Item:
        """Find an item.

        Raises:
            ItemNotFound: there is none, or it is somebody else's.
        """
        visible = visible_to(caller)
        return _found(await self.session.one(ONE_OF_MINE if visible else ONE, id=item_id, **visible))

    async def page(self, caller: User, parameters: ItemParameters) -> Slice[Item]:
        """List items."""
        return await self.pager.read(ITEMS, parameters, **visible_to(caller))

    async def update(
        self, caller: User, item_id: UUID, data: ItemCreate | ItemUpdate, expected: Expected
    ) -> Item:
        """Replace an item (``ItemCreate``) or change the given fields (``ItemUpdate``).

        Raises:
            ItemNotFound: there is none, or it is somebody else's.
            MissingIfMatch: the caller does not say which version they have seen.
            VersionChanged: it has changed since.
        """
        item = await self._claim(caller, item_id, expected)
        for name, value in data.model_dump().items():
            setattr(item, name, value)
        await self.session.flush()  # the answer carries the new version
        self.audit.record(Action.ITEM_CHANGED, actor=caller.id, target=item.id)
        return item

    async def delete(self, caller: User, item_id: UUID, expected: Expected) -> None:
        """Remove an item.

        Raises:
            ItemNotFound: there is none, or it is somebody else's.
            MissingIfMatch: the caller does not say which version they have seen.
            VersionChanged: it has changed since.
        """
        await self.session.delete(await self._claim(caller, item_id, expected))
        self.audit.record(Action.ITEM_DELETED, actor=caller.id, target=item_id)

    async def _claim(self, caller: User, item_id: UUID, expected: Expected) -> Item:
        """The item, locked: a second writer waits, and is then held to the version the first one left."""
        visible = visible_to(caller)
        query = ITEMS.select(visible).where(Item.id == item_id).with_for_update()
        item = _found(await self.session.scalar(query, visible))
        require(expected, item)
        return item


def _found(item: Item | None) -> Item:
    if item is None:
        raise ItemNotFound("You have no such item.")
    return item


def visible_to(caller: User) -> dict[str, UUID]:
    """Somebody else's item is not found because no query ever finds it."""
    return {} if caller.role == Role.ADMIN else {"owner_id": caller.id}
