"""The command line: serve, worker, jobs, migrate, create-admin, openapi."""

from importlib import import_module

import click

from app import __version__
from app.core.garbage import loading

# Each is loaded when it is asked for: `migrate` needs no FastAPI, and a refused setting hardly anything.
COMMANDS = {
    "serve": "app.commands.serve",
    "worker": "app.commands.worker",
    "jobs": "app.commands.jobs",
    "migrate": "app.commands.migrate",
    "create-admin": "app.commands.create_admin",
    "openapi": "app.commands.openapi",
}


class Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """All of them, in the order of their first use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own
        """The command, loaded."""
        if cmd_name not in COMMANDS:
            return None
        with loading():
            command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Run and look after the service. The environment configures it: see docs/configuration.md."""
