"""Imports: the file is stored as it arrives, and read by a job."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import update

from app.core.database import Session
from app.models import Job, Upload, User
from app.services.job_kinds import IMPORT_ITEMS
from app.services.job_service import JobService
from app.services.upload_service import UploadService


@dataclass(frozen=True)
class ImportService:
    """Takes files of items."""

    session: Session
    uploads: UploadService
    jobs: JobService

    async def receive(self, owner: User, form: str, stream: AsyncIterator[bytes]) -> Job:
        """Store a file of items, and order the job that reads it.

        Raises:
            EmptyUpload: there is nothing in it.
            TooManyUploads: so many of theirs wait to be read.
        """
        await self.session.commit()  # nothing is written yet: hand the connection back while the file arrives
        upload_id, size = await self.uploads.receive(owner.id, form, stream)
        await self.session.execute(update(Upload).where(Upload.id == upload_id).values(size=size))
        return await self.jobs.start(owner, IMPORT_ITEMS, {"upload_id": str(upload_id)})
