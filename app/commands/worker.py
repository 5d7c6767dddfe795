"""``worker``."""

import asyncio
import logging.config

import click

from app.commands.environment import load_settings
from app.core.job_metrics import MetricsPortTaken
from app.core.logging import log_config
from app.core.queue import QUEUES
from app.tasks import TASKS
from app.tasks.run import work


@click.command()
@click.option(
    "--queue",
    "queues",
    multiple=True,
    type=click.Choice(list(QUEUES)),
    help="Only this one; may be repeated.",
)
def command(queues: tuple[str, ...]) -> None:
    """Run jobs of the queue until told to stop. Any number of workers, on any machines, share the work."""
    settings = load_settings()
    logging.config.dictConfig(log_config(settings.log))
    try:
        asyncio.run(work(settings, TASKS, {name: QUEUES[name] for name in queues or QUEUES}))
    except MetricsPortTaken as error:
        raise click.ClickException(str(error)) from None
