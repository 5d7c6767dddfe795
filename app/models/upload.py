"""Files that a worker reads later, on another machine perhaps: in pieces, beside everything else."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Upload(Base):
    """A file, and how far it has been read: in bytes, and in lines for people."""

    __tablename__ = "uploads"

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    format: Mapped[str]
    size: Mapped[int | None] = mapped_column(BigInteger)  # until it is known, the file is not complete
    position: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    line: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))


class UploadPart(Base):
    """A piece; all but the last have the same size."""

    __tablename__ = "upload_parts"
    __table_args__ = (UniqueConstraint("upload_id", "number"),)

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
