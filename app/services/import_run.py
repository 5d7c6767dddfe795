"""A job: read a file of items.

A batch, and how far the file has been read, are one transaction: a job that is run again, or by two
workers at once, adds each row once.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from app.core.errors import NotFound
from app.models import Item, Job, JobStatus, Upload
from app.schemas.item import ItemCreate
from app.services.import_rows import MAX_RECORD, Record, read, read_header, records
from app.services.job_run import JobRun, JobStopped
from app.services.upload_service import UploadService

BATCH = 500  # rows a transaction
MAX_ERRORS = 1000  # that are kept; all are counted


class UploadGone(NotFound):
    """The file was deleted; upload it again."""


@dataclass(frozen=True)
class ImportRun:
    """Reads one file."""

    run: JobRun

    async def work(self) -> None:
        """Read the file from where it was left to its end."""
        async with self.run.step() as (session, job):
            upload = await session.get(Upload, UUID(job.parameters["upload_id"]))
        if upload is None:
            raise UploadGone("The file was deleted. Upload it again.")
        columns = await self._columns(upload)
        async for batch in self._batches(upload, has_header=columns is not None):
            await self._add(upload.id, upload.position, batch, columns)
            upload.position += sum(len(each.content) for each in batch)
        async with self.run.step() as (session, job):
            job.result = job.result or _nothing()
            await session.execute(delete(Upload).where(Upload.id == upload.id))
            job.finish(JobStatus.SUCCEEDED)

    async def _columns(self, upload: Upload) -> list[str] | None:
        if upload.format != "csv":
            return None
        lines = self._uploads.lines(upload.id, 0, MAX_RECORD)
        async for record in records(lines, 0, quoted=True):
            return read_header(record.content)
        return read_header(b"")

    async def _batches(self, upload: Upload, *, has_header: bool) -> AsyncIterator[list[Record]]:
        batch: list[Record] = []
        lines = self._uploads.lines(upload.id, upload.position, MAX_RECORD)
        async for record in records(lines, upload.line, quoted=has_header):
            batch.append(record)
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    async def _add(
        self, upload_id: UUID, position: int, batch: Sequence[Record], columns: list[str] | None
    ) -> None:
        rows = [
            read(each, columns) for each in batch if each.content.strip() and not (columns and each.line == 1)
        ]
        items = [row for row in rows if isinstance(row, ItemCreate)]
        faults = [row for row in rows if not isinstance(row, ItemCreate)]
        async with self.run.step() as (session, job):
            upload = await session.get(Upload, upload_id)
            if upload is None or upload.position != position:
                raise JobStopped  # another worker has read on
            if items:
                values = [{"owner_id": job.owner_id, **each.model_dump()} for each in items]
                await session.execute(insert(Item), values)
            upload.position += sum(len(each.content) for each in batch)
            upload.line += sum(each.lines for each in batch)
            _count(job, len(items), faults)
            job.progress = min(upload.position / (upload.size or 1), 1.0)

    @property
    def _uploads(self) -> UploadService:
        return UploadService(self.run.database)


def _nothing() -> dict[str, Any]:
    return {"created": 0, "failed": 0, "errors": []}


def _count(job: Job, created: int, faults: Sequence[list[dict[str, Any]]]) -> None:
    before = job.result or _nothing()
    errors = before["errors"] + [fault for row in faults for fault in row]
    job.result = {
        "created": before["created"] + created,
        "failed": before["failed"] + len(faults),
        "errors": errors[:MAX_ERRORS],
    }
