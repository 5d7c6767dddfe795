"""Behind PgBouncer in transaction mode, where every transaction may meet another server connection."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwall
from urllib.parse import SplitResult, parse_qs, urlsplit

import asyncpg
import httpx2
import pytest

from app.services.upload_service import MAX_FILES
from tests.processes import eventually, free_port, joined, serving
from tests.queue.support import APP, settled, worker
from tests.support import ANY_VERSION, Person, connect

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
CSV = {"Content-Type": "text/csv"}
CONFIGURATION = """
[databases]
* = {server}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
"""

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="no pgbouncer: apt-get install pgbouncer")


@pytest.fixture
def bouncer_url(database_url: str, database: asyncpg.Connection) -> Iterator[str]:  # noqa: ARG001 - cleans up
    """The worker's database through PgBouncer."""
    target, port = urlsplit(database_url), free_port()
    url = f"postgresql://{target.username}@127.0.0.1:{port}{target.path}"
    text = CONFIGURATION.format(server=server_of(target), listen=port) + unprivileged()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "pgbouncer.ini")
        file.write_text(text)
        process = subprocess.Popen([str(PGBOUNCER), str(file)], stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            asyncio.run(_accepts(url))
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


async def test_with_the_setting_300_concurrent_mixed_requests_succeed(bouncer_url: str) -> None:
    with serving(bouncer_url, "--workers", "2", APP_DB_PGBOUNCER="true", APP_DB_POOL_TIMEOUT="30") as service:
        async with service.client() as client:
            ada = await joined(client, "Ada")

            statuses = Counter[int]()
            for answers in await asyncio.gather(*(life_of_an_item(ada) for _ in range(60))):
                statuses.update(answer.status_code for answer in answers)

    assert statuses == {201: 60, 200: 180, 204: 60}


async def test_two_workers_run_every_job_through_it(bouncer_url: str, database: asyncpg.Connection) -> None:
    titles = b"title\n" + b"".join(b"Lamp %d\n" % number for number in range(20))
    with serving(bouncer_url, APP_DB_PGBOUNCER="true") as service:
        async with service.client() as client:
            for name in ("Ada", "Ben", "Cem", "Dee", "Eve", "Fay"):
                person = await joined(client, name)
                for _ in range(MAX_FILES):
                    sent = await person.client.post("/items/import", content=titles, headers=CSV)
                    assert sent.status_code == 202
    with (
        worker(bouncer_url, APP, APP_DB_PGBOUNCER="true") as one,
        worker(bouncer_url, APP, APP_DB_PGBOUNCER="true"),
    ):
        await settled(database)
        unavailable = [line["error"] for line in one.logged(message="queue unavailable")]
        assert [error for error in unavailable if "prepared statement" in error] == []

    assert await database.fetchval("SELECT count(*) FROM jobs WHERE status = 'succeeded'") == 30
    assert await database.fetchval("SELECT count(*) FROM items") == 600


async def test_without_the_setting_they_do_not(bouncer_url: str) -> None:
    with serving(bouncer_url) as service:
        async with service.client() as client:
            ready = await client.get(f"{service.url}/health/ready")

    assert ready.status_code == 503


async def life_of_an_item(person: Person) -> list[httpx2.Response]:
    """Five kinds of request."""
    created = await person.client.post("/items", json={"title": "Lamp"})
    path = f"/items/{created.json()['id']}"
    return [
        created,
        await person.client.get("/items?sort=title&limit=5"),
        await person.client.patch(path, json={"title": "Chair"}, headers=ANY_VERSION),
        await person.client.get(path),
        await person.client.delete(path, headers=ANY_VERSION),
    ]


def server_of(target: SplitResult) -> str:
    """The PostgreSQL behind, the way PgBouncer names it."""
    folder = parse_qs(target.query).get("host")
    password = f" password={target.password}" if target.password else ""
    host = folder[0] if folder else target.hostname
    return f"host={host} port={target.port or 5432} user={target.username}{password}"


def unprivileged() -> str:
    """PgBouncer does not run as root; the embedded PostgreSQL's user can reach its socket."""
    if os.name != "posix" or os.geteuid() != 0:
        return ""
    names = {each.pw_name for each in getpwall()}
    return f"user = {'pgserver' if 'pgserver' in names else 'nobody'}\n"


async def _accepts(url: str) -> None:
    async def accepts() -> bool:
        try:
            await (await connect(url)).close()
        except OSError:
            return False
        return True

    await eventually(accepts)
