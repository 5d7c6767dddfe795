"""The schema's history: applied by a command, never by the service itself."""

import asyncio

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.config import Settings
from app.core.database import create_engine
from app.core.revisions import LOCATION

LOCK = 0x5317  # any number, as long as every migrator takes the same
TURN = 0.1  # seconds between two looks whether it is ours
LONG = 3600.0  # seconds; a migration may rewrite a table


async def migrate(settings: Settings, revision: str = "head", *, down: bool = False) -> None:
    """Move the schema to a revision. Migrators take turns; no migration waits for a lock beyond its limit.

    Raises:
        OSError, sqlalchemy.exc.DBAPIError: the database does not answer or refuses.
    """
    patient = {"command_timeout": LONG, "statement_timeout": LONG, "idle_timeout": LONG}
    engine = create_engine(settings.model_copy(update={"db": settings.db.model_copy(update=patient)}))

    def run(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(LOCATION))
        (command.downgrade if down else command.upgrade)(config, revision)

    try:
        async with engine.connect() as connection:
            await _take_turn(connection)
            await connection.run_sync(run)
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    """Ask again and again: a statement that waited would be waited for by an index built concurrently."""
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}):
        await connection.commit()
        await asyncio.sleep(TURN)
    await connection.commit()
