"""Files in PostgreSQL: written piece by piece as they arrive, read piece by piece from anywhere in them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, cast, delete, func, or_, select

from app.core.database import Database, Session
from app.core.errors import Invalid, Unavailable
from app.models import Job, JobStatus, Upload, UploadPart, User

MAX_FILES = 5  # of one account, that wait to be read
UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)
PART = 262_144  # bytes; with an upload of each client, what one of them holds in memory


class EmptyUpload(Invalid):
    """The file is empty."""


class TooManyUploads(Unavailable):
    """As many files of this account wait to be read as may."""


@dataclass(frozen=True)
class UploadService:
    """Keeps each piece in a transaction of its own: none is open while a client takes its time."""

    database: Database

    async def receive(self, owner_id: UUID, form: str, stream: AsyncIterator[bytes]) -> tuple[UUID, int]:
        """Store a file; its id and size. It is not complete before the caller says so.

        Raises:
            EmptyUpload: there is nothing in it.
            TooManyUploads: so many of the owner's wait to be read.
        """
        async with self.database.transaction() as session:
            await make_room(session, owner_id)
            upload = Upload(owner_id=owner_id, format=form)
            session.add(upload)
        try:
            return upload.id, await self._store(upload.id, stream)
        except BaseException:  # the client has left, or sent too much or nothing
            await asyncio.shield(self._discard(upload.id))
            raise

    async def _store(self, upload_id: UUID, stream: AsyncIterator[bytes]) -> int:
        size = number = 0
        async for content in _pieces(stream):
            async with self.database.transaction() as session:
                session.add(UploadPart(upload_id=upload_id, number=number, content=content))
            size, number = size + len(content), number + 1
        if size == 0:
            raise EmptyUpload("The file is empty.")
        return size

    async def _discard(self, upload_id: UUID) -> None:
        async with self.database.transaction() as session:
            await session.execute(delete(Upload).where(Upload.id == upload_id))

    async def lines(self, upload_id: UUID, position: int, longest: int) -> AsyncGenerator[bytes]:
        """The lines from a position on, each with its end; a piece is read when the one before is used up.

        One that is longer than the longest is the last: what there is of it by then.
        """
        number, skip = divmod(position, PART)
        rest = b""
        while content := await self._piece(upload_id, number):
            *lines, rest = (rest + content[skip:]).splitlines(keepends=True)
            for line in lines:
                yield line
            if len(rest) > longest:
                break
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


async def make_room(session: Session, owner_id: UUID) -> None:
    """See to it that an account keeps few files; those that wait only for a retry go first.

    Raises:
        TooManyUploads: all of them are still to be read.
    """
    owner = select(User.id).where(User.id == owner_id)
    await session.execute(owner.with_for_update(key_share=True))  # those that begin at once take turns
    count = select(func.count()).select_from(Upload).where(Upload.owner_id == owner_id)
    if (await session.scalar(count) or 0) < MAX_FILES:
        return
    named = Job.parameters["upload_id"].astext == cast(Upload.id, Text)
    wanted = select(Job.id).where(Job.owner_id == owner_id, Job.status.in_(UNFINISHED), named).exists()
    arriving = Upload.size.is_(None) & (Upload.created_at > func.now() - timedelta(hours=1))
    await session.execute(delete(Upload).where(Upload.owner_id == owner_id, ~arriving, ~wanted))
    if (await session.scalar(count) or 0) >= MAX_FILES:
        raise TooManyUploads("Other files of yours are still to be read. Try again when one has been.")


async def _pieces(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for content in stream:
        held += content
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)
