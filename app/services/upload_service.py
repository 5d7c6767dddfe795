"""Files in PostgreSQL: written piece by piece as they arrive, read piece by piece from anywhere in them."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select

from app.core.database import Database
from app.models import Upload, UploadPart

PART = 262_144  # bytes; with an upload of each client, what one of them holds in memory


@dataclass(frozen=True)
class UploadService:
    """Keeps each piece in a transaction of its own: none is open while a client takes its time."""

    database: Database

    async def receive(self, owner_id: UUID, form: str, stream: AsyncIterator[bytes]) -> tuple[UUID, int]:
        """Store a file; its id and size. It is not complete before the caller says so."""
        async with self.database.transaction() as session:
            upload = Upload(owner_id=owner_id, format=form)
            session.add(upload)
        size = number = 0
        async for content in _pieces(stream):
            async with self.database.transaction() as session:
                session.add(UploadPart(upload_id=upload.id, number=number, content=content))
            size, number = size + len(content), number + 1
        return upload.id, size

    async def lines(self, upload_id: UUID, position: int = 0) -> AsyncGenerator[bytes]:
        """The lines from a position on, each with its end; a piece is read when the one before is used up."""
        number, skip = divmod(position, PART)
        rest = b""
        while content := await self._piece(upload_id, number):
            *lines, rest = (rest + content[skip:]).splitlines(keepends=True)
            for line in lines:
                yield line
            number, skip = number + 1, 0
        if rest:
            yield rest

    async def sweep(self, age: timedelta) -> None:
        """Delete what was never completed within a day, or is so old that nobody retries its job."""
        abandoned = Upload.size.is_(None) & (Upload.created_at < func.now() - timedelta(days=1))
        old = Upload.created_at < func.now() - age
        async with self.database.transaction() as session:
            await session.execute(delete(Upload).where(or_(abandoned, old)))

    async def _piece(self, upload_id: UUID, number: int) -> bytes | None:
        query = select(UploadPart.content).where(
            UploadPart.upload_id == upload_id, UploadPart.number == number
        )
        async with self.database.transaction() as session:
            return await session.scalar(query)


async def _pieces(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for content in stream:
        held += content
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)
