"""Every kind of job that somebody follows, and the batch jobs that administrators start by name."""

from dataclasses import dataclass

from pydantic import Field

from app.core.queue import Task
from app.schemas.base import Input

HOURS = 6 * 3600.0
IMPORT_ITEMS = Task("items.import", queue="imports", timeout=HOURS)
ARCHIVE_ITEMS = Task("items.archive", queue="imports", timeout=HOURS)


class ArchiveParameters(Input):
    """Which items to archive."""

    older_than_days: int = Field(ge=1, le=36_500, description="Days since an item was last changed.")


@dataclass(frozen=True)
class Batch:
    """A batch job: its parameters are checked before it is started."""

    task: Task
    description: str
    parameters: type[Input]


# To add one: a line here, and its handler in app/tasks/batches.py.
BATCHES = {
    batch.task.name: batch
    for batch in [Batch(ARCHIVE_ITEMS, "Archive items that nobody has changed for long.", ArchiveParameters)]
}
KINDS = {task.name: task for task in [IMPORT_ITEMS, *(batch.task for batch in BATCHES.values())]}
