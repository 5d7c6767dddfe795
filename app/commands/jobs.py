"""``jobs``."""

import asyncio
from collections.abc import Sequence

import click
from sqlalchemy.exc import SQLAlchemyError

from app.commands.environment import load_settings
from app.core.config import Settings
from app.core.cursors import Cursors
from app.core.database import open_database, reason
from app.core.errors import DomainError
from app.core.queue import QUEUES
from app.schemas.job import QueueJobParameters
from app.services.audit_service import AuditService
from app.services.paging import Pager
from app.services.queue_service import QueueOperator


@click.command()
@click.argument("action", type=click.Choice(["list", "retry", "cancel"]), default="list")
@click.argument("numbers", nargs=-1, type=click.IntRange(1))
@click.option("--status", type=click.Choice(["todo", "doing", "failed", "succeeded", "cancelled"]))
@click.option("--queue", type=click.Choice(list(QUEUES)))
def command(action: str, numbers: tuple[int, ...], status: str | None, queue: str | None) -> None:
    """List the jobs of the queue, retry dead ones, or cancel those that wait, by number."""
    settings = load_settings()
    chosen = {name: value for name, value in (("status", status), ("queue", queue)) if value}
    try:
        lines = asyncio.run(operate(settings, action, numbers, QueueJobParameters.model_validate(chosen)))
    except DomainError as error:
        raise click.ClickException(reason(error.__cause__) if error.__cause__ else error.detail) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"{reason(error)}; run `migrate` first") from None
    click.echo("\n".join(lines) or "There are no such jobs.")


async def operate(
    settings: Settings, action: str, numbers: Sequence[int], parameters: QueueJobParameters
) -> list[str]:
    """One line per job: the listed ones, or those that were changed."""
    async with open_database(settings) as database, database.transaction() as session:
        operator = QueueOperator(session, AuditService(session, Pager(session, Cursors(settings))))
        if action == "list":
            rows = await operator.list_jobs(parameters)
        else:
            change = operator.retry if action == "retry" else operator.cancel
            rows = [await change(None, number) for number in numbers]
        return [f"{r.id:>8}  {r.status:<9}  {r.queue:<9}  {r.attempts:>2}  {r.task}" for r in rows]
