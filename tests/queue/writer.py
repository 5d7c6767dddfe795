"""``python -m tests.queue.writer``: writes rows and their jobs until it is killed; a fifth is rolled back."""

import asyncio
import os
from uuid import uuid4

from sqlalchemy import text

from app.core.database import Database, open_database
from app.core.queue import enqueue
from tests.queue import errands
from tests.support import make_settings

TABLE = "CREATE TABLE IF NOT EXISTS orders (id uuid PRIMARY KEY)"


async def write(database: Database, number: int) -> None:
    """One transaction: a row and its job, or neither."""
    order = uuid4()
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO orders (id) VALUES (:id)"), {"id": order})
        await enqueue(session, errands.NOTE, words=order)
        if number % 5 == 0:
            await session.rollback()


async def main() -> None:
    async with open_database(make_settings(os.environ["DATABASE_URL"])) as database:
        for number in range(1_000_000):
            await asyncio.gather(*(write(database, number * 4 + each) for each in range(4)))


if __name__ == "__main__":
    asyncio.run(main())
