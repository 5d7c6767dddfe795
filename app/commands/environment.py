"""Reading the environment for a command: every mistake is named, and no value."""

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.core.config import INSECURE, Settings

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
