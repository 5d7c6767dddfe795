"""`make run`: a database, its schema, an administrator, a worker and the API; all end with the first."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.util import CommandError
from dotenv import load_dotenv
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import SQLAlchemyError
from uvicorn import Server

from app.commands.create_admin import add_admin
from app.commands.environment import explain
from app.core import migrations
from app.core.config import Settings
from app.core.database import reason
from app.core.errors import DomainError
from app.core.server import PortTaken, leave, listen, server_config
from app.main import create_app
from app.schemas.user import UserCreate
from app.services.user_service import EmailTaken
from dev.postgres import ENV, NoPostgres, postgres

DATA = Path(".local/postgres")
HOST = "127.0.0.1"
DEFAULTS = {
    "PORT": "8000",
    "ADMIN_EMAIL": "admin@example.com",
    "ADMIN_PASSWORD": "local-development-only",
    "APP_ENVIRONMENT": "development",
    "APP_LOG_FORMAT": "console",
    "APP_HTTP_DRAIN": "0",  # there is no balancer to wait for
    # A laptop is where load tests run; limits on guessing and mails stay as they are.
    "APP_LIMIT_REQUESTS": "1000000",
    "APP_LIMIT_ANONYMOUS_REQUESTS": "1000000",
    "APP_LIMIT_REGISTRATIONS": "1000000",
}


class Refusal(Exception):
    """Something the developer must put right; its text is all they need to see."""


def say(text: str) -> None:
    """One line of progress."""
    print(text, flush=True)


def main() -> None:
    """Run until Ctrl-C."""
    load_dotenv(".env")
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, leave)  # so that `finally` stops the database
    if hasattr(signal, "SIGHUP"):  # a closed terminal
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        listener = listen(HOST, port())
        say(f"database    {'of DATABASE_URL' if ENV in os.environ else f'starting PostgreSQL in {DATA}/'}")
        with listener, postgres(DATA) as url:
            settings = prepare(url)
            with working(url):
                announce(settings)
                server = Server(server_config(settings, create_app(settings)))
                server.run(sockets=[listener])
    except (Refusal, PortTaken, NoPostgres) as refusal:
        sys.exit(f"error: {refusal}")
    except KeyboardInterrupt:
        say("stopped")


@contextmanager
def working(url: str) -> Iterator[None]:
    """A worker beside the API, as in production: a process of its own, which finishes what it runs."""
    command = [sys.executable, "-m", "app", "worker"]
    with subprocess.Popen(command, env=os.environ | {ENV: url}) as worker:  # noqa: S603 - our own command
        try:
            yield
        finally:
            worker.terminate()


def port() -> int:
    """The port to serve on."""
    text = os.environ["PORT"]
    if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004 - the largest port is 65535
        raise Refusal(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def prepare(url: str) -> Settings:
    """Migrate, and add the administrator the first time.

    Raises:
        Refusal: a setting is wrong, or the database does not answer.
    """
    try:
        settings = Settings.model_validate({ENV: url})
    except (ValidationError, SettingsError) as error:
        raise Refusal("\n".join(["the configuration is wrong:", *explain(error)])) from None
    administrator = first_administrator()
    try:
        asyncio.run(migrations.migrate(settings))
    except (OSError, SQLAlchemyError, CommandError) as error:
        raise Refusal(f"cannot use the database: {reason(error)}") from None
    try:
        asyncio.run(add_admin(settings, administrator))
    except EmailTaken:
        pass  # created by an earlier run
    except DomainError as error:
        raise Refusal(f"cannot create the administrator: {error.detail}") from None
    return settings


def first_administrator() -> UserCreate:
    """The account that ADMIN_EMAIL and ADMIN_PASSWORD describe.

    Raises:
        Refusal: nobody could register like that.
    """
    try:
        return UserCreate(
            email=os.environ["ADMIN_EMAIL"],
            password=SecretStr(os.environ["ADMIN_PASSWORD"]),
            name="Administrator",
        )
    except ValidationError as error:
        mistakes = [f"ADMIN_{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()]
        raise Refusal("; ".join(mistakes)) from None


def announce(settings: Settings) -> None:
    """Say where things are and how to log in."""
    base = f"http://{HOST}:{os.environ['PORT']}"
    say(f"log in      {os.environ['ADMIN_EMAIL']} / {os.environ['ADMIN_PASSWORD']}")
    say(f"docs        {base}/docs")
    say(f"admin       {base}/admin")
    say(f"api         {base}/api/v1")
    say(f"health      {base}/health/ready    metrics  {base}/metrics")
    say(f"environment {settings.environment}; Ctrl-C stops everything")


if __name__ == "__main__":
    main()
