"""``serve``."""

import click

from app.commands.environment import load_settings
from app.core.server import PortTaken, listen
from app.core.server import serve as serve_until_stopped


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def command(host: str, port: int, workers: int) -> None:
    """Serve the API. It never migrates: run `migrate` first."""
    settings = load_settings()
    try:
        listener = listen(host, port)
    except PortTaken as error:
        raise click.ClickException(str(error)) from None
    serve_until_stopped(settings, listener, workers)
