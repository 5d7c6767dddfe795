"""Tasks for tests, and ``python -m tests.queue.errands``: a worker that runs these and nothing else.

Each writes what it did into the table `effects`, so that a test sees what was run, and how often.
"""

import asyncio
import logging.config
import os
from uuid import UUID

from sqlalchemy import text

from app.core.config import Settings
from app.core.logging import log_config
from app.core.queue import QUEUES, Task
from app.tasks.registry import Tasks, Work
from app.tasks.run import work

EFFECTS = """
    CREATE TABLE effects (id bigserial, job_id bigint, note text, at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE done (job_id bigint PRIMARY KEY)
"""
QUICK = (0.05, 0.05)
NOTE = Task("errand.note", delays=(0.1,) * 20)
NOTE_SLOWLY = Task("errand.note_slowly", delays=(0.1,) * 20)
SLOW = Task("errand.slow", delays=(0.1,) * 20)
FAIL = Task("errand.fail", delays=QUICK)
FAIL_ONCE = Task("errand.fail_once", delays=QUICK)
EXIT = Task("errand.exit", delays=QUICK)
HANG = Task("errand.hang", delays=(), timeout=0.2)
ONE_CHANCE = Task("errand.one_chance", delays=())
CANCEL_ITSELF = Task("errand.cancel_itself", delays=QUICK)
UNKNOWN = Task("errand.of_a_newer_version")
TICK = Task("errand.tick")
TYPED = Task("errand.typed")

tasks = Tasks()


async def note(work: Work, words: str) -> None:
    """Remember that this happened, however often it does."""
    async with work.transaction() as session:
        values = {"job_id": work.job_id, "note": words}
        await session.execute(text("INSERT INTO effects (job_id, note) VALUES (:job_id, :note)"), values)


@tasks.on(NOTE)
async def take_note(work: Work, words: str) -> None:
    """An effect that happens once, because it is written under the id of the job."""
    async with work.transaction() as session:
        once = "INSERT INTO done (job_id) VALUES (:job_id) ON CONFLICT DO NOTHING RETURNING job_id"
        if (await session.execute(text(once), {"job_id": work.job_id})).one_or_none() is None:
            return
        values = {"job_id": work.job_id, "note": words}
        await session.execute(text("INSERT INTO effects (job_id, note) VALUES (:job_id, :note)"), values)


@tasks.on(NOTE_SLOWLY)
async def take_note_slowly(work: Work, words: str) -> None:
    """So that many are running whenever somebody is killed."""
    await asyncio.sleep(0.02)
    await take_note(work, words)


@tasks.on(SLOW)
async def be_slow(work: Work, milliseconds: int) -> None:
    await note(work, "started")
    await asyncio.sleep(milliseconds / 1000)
    await note(work, "finished")


@tasks.on(ONE_CHANCE)
async def be_slow_with_one_chance(work: Work, milliseconds: int) -> None:
    await be_slow(work, milliseconds)


@tasks.on(CANCEL_ITSELF)
async def cancel_itself(work: Work) -> None:
    await note(work, f"attempt {work.attempt}")
    raise asyncio.CancelledError


@tasks.on(FAIL)
async def fail(work: Work) -> None:
    await note(work, f"attempt {work.attempt}{' (last)' if work.is_last else ''}")
    raise RuntimeError("this errand always fails")


@tasks.on(FAIL_ONCE)
async def fail_once(work: Work) -> None:
    await note(work, f"attempt {work.attempt}")
    if work.attempt == 1:
        raise RuntimeError("this errand fails the first time")


@tasks.on(EXIT)
async def die(work: Work) -> None:
    await note(work, f"attempt {work.attempt}")
    os._exit(1)


@tasks.on(HANG)
async def hang(work: Work) -> None:
    await note(work, "started")
    await asyncio.sleep(60)


@tasks.on(TYPED)
async def take_types(work: Work, item_id: UUID, number: int, word: str | None) -> None:
    await note(work, f"{item_id!r} {number!r} {word!r}")


if "ERRANDS_TICK" in os.environ:

    @tasks.cron("* * * * * *", TICK)
    async def tick(work: Work) -> None:
        await take_note(work, str(work.tick))


if __name__ == "__main__":
    settings = Settings()
    logging.config.dictConfig(log_config(settings.log))
    chosen = os.environ.get("ERRANDS_QUEUES", ",".join(QUEUES)).split(",")
    asyncio.run(work(settings, tasks, {name: QUEUES[name] for name in chosen}))
