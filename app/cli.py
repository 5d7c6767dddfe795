"""The command line: serve, worker, jobs, migrate, create-admin, openapi."""

import asyncio
import json
import logging.config
import sys
from collections.abc import Sequence

import click
from alembic.util import CommandError
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.core import migrations
from app.core.config import INSECURE, Settings
from app.core.cursors import Cursors
from app.core.database import DatabaseUnavailable, open_database, reason
from app.core.errors import DomainError
from app.core.logging import log_config
from app.core.passwords import PasswordHasher
from app.core.queue import QUEUES
from app.core.server import PortTaken, listen
from app.core.server import serve as serve_until_stopped
from app.core.throttle import Throttle
from app.main import create_app
from app.models import Role
from app.schemas.job import QueueJobParameters
from app.schemas.user import UserCreate
from app.services.audit_service import AuditService
from app.services.paging import Pager
from app.services.queue_service import QueueOperator
from app.services.user_service import UserService
from app.tasks import TASKS
from app.tasks.run import work

# `openapi` needs no database and no secret: the document does not depend on them.
DOCUMENT_ENVIRONMENT = {"DATABASE_URL": "postgresql://unused", "environment": "development"}
PLAINER = {"missing": "is not set", "extra_forbidden": "is not a setting"}


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        click.ClickException: a setting is missing, malformed or insecure; every one is named.
    """
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        raise click.ClickException("refusing to start:\n" + "\n".join(explain(error))) from None


def explain(error: ValidationError | SettingsError) -> list[str]:
    """One line per mistake; values are never shown, they may be secrets."""
    if isinstance(error, SettingsError):
        return [f"  - {error}"]
    lines: list[str] = []
    for each in error.errors(include_input=False, include_url=False):
        name = "_".join(part for part in each["loc"] if isinstance(part, str)).upper()
        name = name if name == "DATABASE_URL" else f"APP_{name}"
        message = PLAINER.get(each["type"], each["msg"].removeprefix("Value error, "))
        if each["type"] != INSECURE:
            message = f"{name} {message}"
        lines += [f"  - {line}" for line in message.splitlines()]
    return lines


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Run and look after the service. The environment configures it: see docs/configuration.md."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the API. It never migrates: run `migrate` first."""
    settings = load_settings()
    try:
        listener = listen(host, port)
    except PortTaken as error:
        raise click.ClickException(str(error)) from None
    serve_until_stopped(settings, listener, workers)


@main.command()
@click.option(
    "--queue",
    "queues",
    multiple=True,
    type=click.Choice(list(QUEUES)),
    help="Only this one; may be repeated.",
)
def worker(queues: tuple[str, ...]) -> None:
    """Run jobs of the queue until told to stop. Any number of workers, on any machines, share the work."""
    settings = load_settings()
    logging.config.dictConfig(log_config(settings.log))
    asyncio.run(work(settings, TASKS, {name: QUEUES[name] for name in queues or QUEUES}))


@main.command()
@click.argument("action", type=click.Choice(["list", "retry", "cancel"]), default="list")
@click.argument("numbers", nargs=-1, type=click.IntRange(1))
@click.option("--status", type=click.Choice(["todo", "doing", "failed", "succeeded", "cancelled"]))
@click.option("--queue", type=click.Choice(list(QUEUES)))
def jobs(action: str, numbers: tuple[int, ...], status: str | None, queue: str | None) -> None:
    """List the jobs of the queue, retry dead ones, or cancel those that wait, by number."""
    settings = load_settings()
    chosen = {name: value for name, value in (("status", status), ("queue", queue)) if value}
    try:
        lines = asyncio.run(operate(settings, action, numbers, QueueJobParameters.model_validate(chosen)))
    except DomainError as error:
        raise click.ClickException(reason(error.__cause__) if error.__cause__ else error.detail) from None
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


@main.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to move to.")
@click.option("--down", is_flag=True, help="The revision is an older one.")
def migrate(revision: str, *, down: bool) -> None:
    """Bring the database to the newest schema."""
    settings = load_settings()
    try:
        asyncio.run(migrations.migrate(settings, revision, down=down))
    except (OSError, SQLAlchemyError, CommandError) as error:
        raise click.ClickException(f"cannot migrate: {reason(error)}") from None
    click.echo(f"The database is at {migrations.head() if revision == 'head' else revision}.")


@main.command("create-admin")
@click.option("--email", required=True, envvar="ADMIN_EMAIL", help="Address to log in with.")
@click.option("--name", default="Administrator", show_default=True)
@click.option("--password", envvar="ADMIN_PASSWORD", prompt=True, hide_input=True, help="Asked for if unset.")
def create_admin(email: str, name: str, password: str) -> None:
    """Add an administrator."""
    settings = load_settings()
    try:
        data = UserCreate.model_validate({"email": email, "name": name, "password": password})
        asyncio.run(add_admin(settings, data))
    except ValidationError as error:
        raise click.ClickException("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())) from None
    except DatabaseUnavailable as error:
        raise click.ClickException(f"cannot use the database: {reason(error.__cause__ or error)}") from None
    except DomainError as error:
        raise click.ClickException(error.detail) from None
    except SQLAlchemyError as error:
        raise click.ClickException(f"{reason(error)}; run `migrate` first") from None
    click.echo(f"{data.email} is an administrator.")


async def add_admin(settings: Settings, data: UserCreate) -> None:
    """Register an account that is an administrator from the start."""
    async with open_database(settings) as database, database.transaction() as session:
        pager = Pager(session, Cursors(settings))
        users = UserService(
            session, PasswordHasher(settings.auth), Throttle(), pager, AuditService(session, pager)
        )
        await users.register(data, Role.ADMIN)


@main.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    app = create_app(Settings.model_validate(DOCUMENT_ENVIRONMENT))
    json.dump(app.openapi(), sys.stdout, indent=2, ensure_ascii=False)
    click.echo()
