"""``migrate``."""

import asyncio

import click
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from app.commands.environment import load_settings
from app.core import migrations
from app.core.database import reason
from app.core.revisions import head


@click.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to move to.")
@click.option("--down", is_flag=True, help="The revision is an older one.")
def command(revision: str, *, down: bool) -> None:
    """Bring the database to the newest schema."""
    settings = load_settings()
    try:
        asyncio.run(migrations.migrate(settings, revision, down=down))
    except (OSError, SQLAlchemyError, CommandError) as error:
        raise click.ClickException(f"cannot migrate: {reason(error)}") from None
    click.echo(f"The database is at {head() if revision == 'head' else revision}.")
