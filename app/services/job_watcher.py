"""Follows jobs for many clients with one query at a time, through any pooler, whichever worker runs them."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from uuid import UUID

from sqlalchemy import select

from app.core.database import Database, DatabaseUnavailable
from app.core.draining import Drain
from app.models import Job
from app.models.job import FINISHED

logger = logging.getLogger("app.jobs")
INTERVAL = 0.5  # seconds between two looks at all the jobs that are followed


class JobWatcher:
    """Tells whoever follows a job what becomes of it."""

    def __init__(self, database: Database, drain: Drain) -> None:
        self._database = database
        self._drain = drain
        self._followers: dict[UUID, set[asyncio.Queue[Job | None]]] = {}
        self._looking: asyncio.Task[None] | None = None

    @property
    def followers(self) -> int:
        """How many there are."""
        return sum(len(each) for each in self._followers.values())

    async def follow(self, job: Job) -> AsyncGenerator[Job]:
        """The job as it is, and each time that it has changed, until it has ended or is deleted."""
        seen, news = job, asyncio.Queue[Job | None]()
        self._followers.setdefault(job.id, set()).add(news)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again())
        try:
            yield seen
            while seen.status not in FINISHED:
                latest = await news.get()
                if latest is None:
                    return
                if latest.updated_at != seen.updated_at:
                    seen = latest
                    yield seen
        finally:
            self._leave(job.id, news)

    async def _look_again(self) -> None:
        """Look as long as anybody follows anything."""
        while self._followers:
            if self._drain.begun:  # clients come back to another process
                self._tell({})
            try:
                await self._look()
            except DatabaseUnavailable:
                pass  # later, then
            except Exception:  # whatever it is, followers would wait for ever if nobody looked
                logger.exception("jobs not looked at")
            await asyncio.sleep(INTERVAL)

    async def _look(self) -> None:
        async with self._database.transaction() as session:
            query = select(Job).where(Job.id.in_(list(self._followers)))
            self._tell({job.id: job for job in await session.scalars(query)})

    def _tell(self, found: dict[UUID, Job]) -> None:
        for job_id, followers in self._followers.items():
            for news in followers:
                if news.empty():  # who has not read the last news gets the next look's
                    news.put_nowait(found.get(job_id))

    def _leave(self, job_id: UUID, news: asyncio.Queue[Job | None]) -> None:
        self._followers[job_id].discard(news)
        if not self._followers[job_id]:
            del self._followers[job_id]
