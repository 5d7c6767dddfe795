"""The one way to PostgreSQL: requests, commands and tests all get their sessions here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import asyncpg
from sqlalchemy import event, exc
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from app.core.config import Settings
from app.core.errors import DomainError, Unavailable
from app.core.metrics import Metrics
from app.core.pool import FairPool, Loan, refuse_closed
from app.core.reads import Row, Rows
from app.core.writes import prepare

# SQLSTATE classes that say "not now": connection, resources, operator, transaction rollback, lock, and a
# login or database that does not exist yet, or whose password has just been changed.
PASSING_STATES = ("08", "53", "57", "40", "55P03", "28", "3D")

logger = logging.getLogger("app.database")
statements = logging.getLogger("sqlalchemy.engine.Engine")  # where APP_DEBUG shows them

# What SQLAlchemy says, what it passes on when a connection cannot be opened, and what the driver says itself.
POSTGRES = (exc.DBAPIError, exc.EmulatedDBAPIException, asyncpg.PostgresError)
FAILURES = (exc.SQLAlchemyError, *POSTGRES, asyncpg.InterfaceError, OSError)


class DatabaseUnavailable(Unavailable):
    """PostgreSQL is away, restarting, saturated or too slow."""


class Session(AsyncSession):
    """SQLAlchemy's session, and a short way to read what a request needs before it changes anything."""

    async def one(self, query: Rows[Row], **values: object) -> Row | None:
        """The row, if there is one; the statement finds at most one."""
        return next(iter(await self.rows(query, **values)), None)

    async def rows(self, query: Rows[Row], **values: object) -> Sequence[Row]:
        """The rows, read in the transaction if one has begun, and else without one: no BEGIN, no ROLLBACK."""
        if self.in_transaction():
            return (await self.scalars(query.statement, values)).all()
        return [query.load(each) for each in await self._run(query.text, query.arguments(values))]

    async def insert(self, row: DeclarativeBase, *others: DeclarativeBase, alone: bool = True) -> None:
        """Write new rows with one statement, and read back the first.

        In the transaction if one has begun; else they are one by themselves, unless there is more to come
        that belongs to them and they are not ``alone``.
        """
        query, values = prepare((row, *others))
        if self.in_transaction() or not alone:
            [new] = (await self.execute(query.statement, values)).mappings()
        else:
            [new] = await self._run(query.text, query.arguments(values))
        row.__dict__.update(new)

    async def _run(self, statement: str, arguments: list[Any]) -> list[asyncpg.Record]:
        """Run one statement, which is a transaction by itself."""
        statements.info("%s", statement)
        async with Loan(cast("AsyncEngine", self.bind)) as driver:
            return await driver.fetch(statement, *arguments)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Database:
    """An engine and its sessions."""

    engine: AsyncEngine
    sessions: async_sessionmaker[Session]

    def delay(self, coming: int = 0) -> float:
        """Seconds that somebody who comes now, after so many others, will wait for a connection."""
        return cast("FairPool", self.engine.pool).delay(coming)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Commit when the block ends, roll back when it raises; an error that ``keeps_writes`` commits, too.

        Raises:
            DatabaseUnavailable: PostgreSQL did not answer, or not in time.
        """
        session = self.sessions()
        try:
            try:
                yield session
            except DomainError as error:
                if error.keeps_writes and session.in_transaction():
                    await session.commit()
                raise
            if session.in_transaction():
                await session.commit()
        except FAILURES as error:
            if not is_outage(error):
                raise
            logger.warning("database unavailable", extra={"error": reason(error)})
            raise DatabaseUnavailable("The database does not answer at the moment.") from error
        finally:
            if session.in_transaction():
                await asyncio.shield(session.close())  # a cancelled request gives its connection back, too


def is_outage(error: Exception) -> bool:
    """Whether trying again later may help. asyncpg reports a failed connection as a plain OSError."""
    if isinstance(error, POSTGRES):
        state = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
        return getattr(error, "connection_invalidated", False) or state.startswith(PASSING_STATES)
    refused = isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    return refused or isinstance(error, OSError | exc.TimeoutError)


def reason(error: BaseException) -> str:
    """What PostgreSQL or the network said, on one line."""
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def violated_constraint(error: exc.IntegrityError) -> str | None:
    """The name of the constraint that PostgreSQL enforced."""
    return getattr(error.orig.__cause__, "constraint_name", None) if error.orig else None


def connect_arguments(settings: Settings) -> dict[str, Any]:
    """What asyncpg needs so that nothing waits for ever; it reads libpq URLs whole, ``sslmode`` and all."""
    db = settings.db
    arguments: dict[str, Any] = {
        "dsn": settings.database_url.get_secret_value(),
        "timeout": db.connect_timeout,
        "command_timeout": db.command_timeout,
    }
    if db.pgbouncer:  # which refuses these parameters, and may change servers between two transactions
        return arguments | {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": str,  # the unnamed statement, gone with its transaction
        }
    timeouts = {
        "statement_timeout": db.statement_timeout,
        "lock_timeout": db.lock_timeout,
        "idle_in_transaction_session_timeout": db.idle_timeout,
    }
    milliseconds = {name: str(int(seconds * 1000)) for name, seconds in timeouts.items()}
    return arguments | {"server_settings": {"application_name": "shipworthy"} | milliseconds}


def create_engine(settings: Settings) -> AsyncEngine:
    """An engine whose pool connects on first use, so that the service starts before its database."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args=connect_arguments(settings),
        pool_size=settings.db.pool_size,
        max_overflow=0,
        pool_timeout=settings.db.pool_timeout,
        poolclass=FairPool,
        hide_parameters=True,  # an error's text must not carry what a client sent into the log
        echo=settings.debug,
    )
    event.listen(engine.sync_engine, "checkout", refuse_closed)
    return engine


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """A pool for the life of a process, closed at its end."""
    engine = create_engine(settings)
    try:
        yield Database(engine, async_sessionmaker(engine, class_=Session, expire_on_commit=False))
    finally:
        await engine.dispose()


def watch_pool(engine: AsyncEngine, metrics: Metrics) -> None:
    """Count the pool's connections as they come and go."""
    pool = engine.sync_engine
    event.listen(pool, "connect", lambda *_: metrics.connections.inc())
    event.listen(pool, "close", lambda *_: metrics.connections.dec())
    event.listen(pool, "checkout", lambda *_: metrics.connections_in_use.inc())
    event.listen(pool, "checkin", lambda *_: metrics.connections_in_use.dec())
