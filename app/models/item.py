"""Items: the example domain, to be replaced by yours."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, column, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Changing
from app.models.search import words

ITEM_TEXTS = (column("title", Text), column("description", Text))


class Item(Changing, Base):
    """A thing that a user keeps."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint("(price_minor IS NULL) = (currency IS NULL)", name="price_with_currency"),
        # One index per documented sort order, of an owner and of all; the key makes the order total.
        Index("ix_items_owner_id_created_at", "owner_id", "created_at", "id"),
        Index("ix_items_owner_id_updated_at", "owner_id", "updated_at", "id"),
        Index("ix_items_owner_id_title", "owner_id", "title", "id"),
        Index("ix_items_created_at", "created_at", "id"),
        Index("ix_items_updated_at", "updated_at", "id"),
        Index("ix_items_title", "title", "id"),
        Index("ix_items_status_created_at", "status", "created_at", "id"),
        Index("ix_items_tags", "tags", postgresql_using="gin"),
        Index("ix_items_words", words(ITEM_TEXTS), postgresql_using="gin"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Sorted by code point, the same on every server and after every operating system upgrade.
    title: Mapped[str] = mapped_column(Text(collation="C"))
    description: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="draft")
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    # Counts up with every UPDATE, which fails when the row has moved on in between.
    __mapper_args__ = {  # noqa: RUF012 - SQLAlchemy's own
        "eager_defaults": True,
        "version_id_col": version,
    }

    @property
    def revision(self) -> str:
        """Another with every change."""
        return str(self.version)
