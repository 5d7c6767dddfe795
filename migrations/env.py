"""How Alembic connects: as ``app.core.migrations`` tells it, or on its own for the `alembic` command."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from app.core.config import Settings
from app.core.database import create_engine
from app.models import Base


def is_ours(_: object, name: str | None, *__: object) -> bool:
    """Whether a table or index is of our models; those of the queue are Procrastinate's."""
    return "procrastinate_" not in (name or "")


def run(connection: Connection) -> None:
    """Run the migrations, each in a transaction of its own, so that no lock outlives its migration."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_server_default=True,
        include_object=is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """Open a connection for a command such as ``alembic revision --autogenerate``."""
    engine = create_engine(Settings())
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    asyncio.run(connect_and_run())
