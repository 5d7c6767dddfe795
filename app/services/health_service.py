"""Readiness: whether everything is there that the service needs."""

from collections.abc import Awaitable, Callable

from sqlalchemy import text

from app.core import revisions
from app.core.database import Database
from app.core.draining import Drain
from app.core.errors import DomainError, Fault, Unavailable

CAN_ENQUEUE = text("""
    SELECT count(*) = 1 FROM pg_class
    WHERE oid = to_regclass('procrastinate_jobs') AND has_table_privilege(oid, 'INSERT')
""")
Check = Callable[[], Awaitable[None]]


class NotReady(Unavailable):
    """Something the service needs is away; the errors name it."""


class Stopping(Unavailable):
    """The process has been told to stop, and answers until its clients have gone elsewhere."""


class MigrationsPending(Unavailable):
    """The schema is not the one this version was written for."""


class QueueMissing(Unavailable):
    """Jobs cannot be enqueued: the queue's tables are not there, or are not ours to write."""


class HealthService:
    """Runs the readiness checks."""

    def __init__(self, database: Database, drain: Drain) -> None:
        self.database = database
        self.drain = drain
        self.checks: dict[str, Check] = {
            "process": self._check_process,
            "database": self._check_database,
            "migrations": self._check_migrations,
            "queue": self._check_queue,
        }

    async def check(self) -> list[str]:
        """The names of the checks, all of which passed.

        Raises:
            NotReady: at least one failed.
        """
        faults = [fault for name, check in self.checks.items() if (fault := await _failure(name, check))]
        if faults:
            names = ", ".join(fault.pointer.removeprefix("/checks/") for fault in faults)
            raise NotReady(f"Not ready: {names}.", *faults)
        return list(self.checks)

    async def _check_process(self) -> None:
        if self.drain.begun:
            raise Stopping("This process is about to stop.")

    async def _check_database(self) -> None:
        async with self.database.transaction() as session:
            await session.execute(text("SELECT 1"))

    async def _check_migrations(self) -> None:
        async with self.database.transaction() as session:
            if await revisions.current(session) != revisions.head():
                raise MigrationsPending("The database is not at the newest migration.")

    async def _check_queue(self) -> None:
        """Whether jobs can be enqueued. Whether anybody runs them is no reason to turn requests away."""
        async with self.database.transaction() as session:
            if not await session.scalar(CAN_ENQUEUE):
                raise QueueMissing("Jobs cannot be enqueued.")


async def _failure(name: str, check: Check) -> Fault | None:
    try:
        await check()
    except DomainError as error:
        return Fault(f"/checks/{name}", error.type, error.detail)
    return None
