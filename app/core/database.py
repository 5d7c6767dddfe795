"""The one way to PostgreSQL: requests, commands and tests all get their sessions here."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, exc
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.core.config import Settings
from app.core.errors import DomainError, Unavailable
from app.core.metrics import Metrics

# SQLSTATE classes that say "not now": connection, resources, operator, transaction rollback, lock, and a
# login or database that does not exist yet, or whose password has just been changed.
PASSING_STATES = ("08", "53", "57", "40", "55P03", "28", "3D")

logger = logging.getLogger("app.database")


class DatabaseUnavailable(Unavailable):
    """PostgreSQL is away, restarting, saturated or too slow."""


@dataclass(frozen=True)
class Database:
    """An engine and its sessions."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit when the block ends, roll back when it raises; an error that ``keeps_writes`` commits, too.

        Raises:
            DatabaseUnavailable: PostgreSQL did not answer, or not in time.
        """
        try:
            async with self.sessions() as session:
                try:
                    yield session
                except DomainError as error:
                    if error.keeps_writes:
                        await session.commit()
                    raise
                await session.commit()
        except (exc.SQLAlchemyError, OSError) as error:
            if not is_outage(error):
                raise
            logger.warning("database unavailable", extra={"error": reason(error)})
            raise DatabaseUnavailable("The database does not answer at the moment.") from error


def is_outage(error: Exception) -> bool:
    """Whether trying again later may help. asyncpg reports a failed connection as a plain OSError."""
    if isinstance(error, exc.DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or state.startswith(PASSING_STATES)
    return isinstance(error, OSError | exc.TimeoutError)


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
    return create_async_engine(
        "postgresql+asyncpg://",
        connect_args=connect_arguments(settings),
        pool_size=settings.db.pool_size,
        max_overflow=0,
        pool_timeout=settings.db.pool_timeout,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text must not carry what a client sent into the log
        echo=settings.debug,
    )


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """A pool for the life of a process, closed at its end."""
    engine = create_engine(settings)
    try:
        yield Database(engine, async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


def watch_pool(engine: AsyncEngine, metrics: Metrics) -> None:
    """Count the pool's connections as they come and go."""
    pool = engine.sync_engine
    event.listen(pool, "connect", lambda *_: metrics.connections.inc())
    event.listen(pool, "close", lambda *_: metrics.connections.dec())
    event.listen(pool, "checkout", lambda *_: metrics.connections_in_use.inc())
    event.listen(pool, "checkin", lambda *_: metrics.connections_in_use.dec())
