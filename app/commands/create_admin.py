"""``create-admin``."""

import asyncio

import click
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.commands.environment import load_settings
from app.core.config import Settings
from app.core.cursors import Cursors
from app.core.database import DatabaseUnavailable, open_database, reason
from app.core.errors import DomainError
from app.core.passwords import PasswordHasher
from app.core.throttle import Throttle
from app.models import Role
from app.schemas.user import UserCreate
from app.services.audit_service import AuditService
from app.services.paging import Pager
from app.services.user_service import UserService


@click.command()
@click.option("--email", required=True, envvar="ADMIN_EMAIL", help="Address to log in with.")
@click.option("--name", default="Administrator", show_default=True)
@click.option("--password", envvar="ADMIN_PASSWORD", prompt=True, hide_input=True, help="Asked for if unset.")
def command(email: str, name: str, password: str) -> None:
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
