"""The service as a process of its own: started as in production, asked over HTTP, stopped or killed."""

import asyncio
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from tests.forked import Forked, run_forked
from tests.support import ANY_VERSION, PASSWORD, Person

ROOT = Path(__file__).parents[1]
BLOCKED = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
PATIENCE = 30  # seconds until a wait is given up; no assertion depends on it
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # knows nobody: to load certificates takes longer than to ask
INHERITED = ("PATH", "HOME", "SYSTEMROOT")  # nothing of the developer's own configuration
DEVELOPMENT = {
    "APP_ENVIRONMENT": "development",
    "APP_AUTH_ARGON2_MEMORY_KIB": "8",
    "APP_AUTH_ARGON2_PASSES": "1",
    "APP_HTTP_DRAIN": "0",
    "APP_LIMIT_REQUESTS": "1000000",
    "APP_LIMIT_ANONYMOUS_REQUESTS": "1000000",
    "APP_LIMIT_REGISTRATIONS": "1000000",
}
PRODUCTION = DEVELOPMENT | {
    "APP_ENVIRONMENT": "production",
    "APP_SECRET_KEY": "a-secret-of-these-tests-and-of-nothing-else",
    "APP_HTTP_ALLOWED_HOSTS": "127.0.0.1",
}


Start = Callable[[list[str], Path, Path, dict[str, str], Path], "subprocess.Popen[bytes] | Forked"]


@dataclass
class Service:
    """A running process and where it listens."""

    process: subprocess.Popen[bytes] | Forked
    url: str
    stdout: Path
    stderr: Path

    def client(self) -> httpx2.AsyncClient:
        """A client of the API over real connections."""
        return httpx2.AsyncClient(base_url=f"{self.url}/api/v1", timeout=PATIENCE, verify=PLAIN)

    def get(self, path: str, **options: Any) -> httpx2.Response:  # noqa: ANN401 - httpx2's own
        """An answer over a connection of its own."""
        return httpx2.get(self.url + path, verify=PLAIN, **options)

    def printed(self) -> list[str]:
        """The lines of its standard output so far."""
        return self.stdout.read_text().splitlines()

    def logged(self, **fields: object) -> list[dict[str, Any]]:
        """The JSON log lines that carry these fields."""
        records = [json.loads(line) for line in self.printed()]
        return [each for each in records if fields.items() <= each.items()]

    def workers(self) -> list[int]:
        """The ids of the worker processes, once all that have been started are up."""
        lines = [line["message"] for line in self.logged(logger="uvicorn.error")]
        up = lines.count("Application startup complete.")
        found = [int(pid) for line in lines for pid in re.findall(r"Started server process \[(\d+)\]", line)]
        return found if up == len(found) else []

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the process and wait for its exit code; requests in flight go on meanwhile."""
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, PATIENCE)


def environment(database_url: str | None = None, **changes: str) -> dict[str, str]:
    """What the process gets to see."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    database = {"DATABASE_URL": database_url} if database_url else {}
    return inherited | {"PYTHONPATH": str(ROOT)} | database | changes


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def begin(
    command: list[str], stdout: Path, stderr: Path, env: dict[str, str], cwd: Path
) -> subprocess.Popen[bytes]:
    """A process of a fresh interpreter."""
    with stdout.open("wb") as out, stderr.open("wb") as err:
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, *command], stdout=out, stderr=err, env=env, cwd=cwd, start_new_session=True
        )


@contextmanager
def started(  # noqa: PLR0913 - all but the first three have a default
    command: list[str],
    port: int,
    env: dict[str, str],
    cwd: Path = ROOT,
    health: str = "/health",
    *,
    start: Start = begin,
) -> Iterator[Service]:
    """A process that serves HTTP, once it answers; killed at the end if the test has not stopped it."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = start(command, stdout, stderr, env, cwd)
        service = Service(process, f"http://127.0.0.1:{port}", stdout, stderr)
        try:
            _wait_until_it_answers(service, health)
            yield service
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()


@contextmanager
def serving(database_url: str, *options: str, **changes: str) -> Iterator[Service]:
    """``python -m app serve`` on a free port, begun where its imports end."""
    with _serving(Forked, database_url, options, changes) as service:
        yield service


@contextmanager
def serving_afresh(database_url: str, *options: str, **changes: str) -> Iterator[Service]:
    """The same in a fresh interpreter, as anybody starts it."""
    with _serving(begin, database_url, options, changes) as service:
        yield service


def run(command: list[str], env: dict[str, str], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, and what it said."""
    return run_forked(command, env, cwd, PATIENCE)


def run_afresh(command: list[str], env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - subprocess.run's own
    """The same in a fresh interpreter, as anybody runs it."""
    settings = {"capture_output": True, "text": True, "timeout": PATIENCE, "cwd": ROOT, **options}
    return subprocess.run([sys.executable, *command], env=env, check=False, **settings)  # noqa: S603 - our own command


def assert_one_clear_line(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """It failed, and said why on one line of standard error without showing its insides."""
    assert result.returncode not in {0, -signal.SIGKILL}
    assert "Traceback" not in result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert [word for word in words if word not in lines[0]] == [], lines[0]


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - another process or the database changes it
            await asyncio.sleep(0.02)


async def joined(client: httpx2.AsyncClient, name: str) -> Person:
    """Somebody who has just registered."""
    person = Person(name, client, PASSWORD)
    await person.register()
    return person


async def blocked(database: asyncpg.Connection) -> int:
    """How many statements on this database wait for a lock."""
    await database.execute(
        "SELECT pg_stat_clear_snapshot()"
    )  # who has come since a transaction's first look, too
    return int(await database.fetchval(BLOCKED))


async def is_blocked(database: asyncpg.Connection) -> bool:
    """Whether there is any."""
    return await blocked(database) > 0


@asynccontextmanager
async def slow_request(
    person: Person, database: asyncpg.Connection
) -> AsyncIterator[asyncio.Task[httpx2.Response]]:
    """A request that waits for a row lock of ours until the block ends."""
    item = (await person.client.post("/items", json={"title": "Lamp"})).json()
    async with database.transaction():
        await database.execute("SELECT FROM items FOR UPDATE")
        change = person.client.patch(f"/items/{item['id']}", json={"title": "Chair"}, headers=ANY_VERSION)
        request = asyncio.create_task(change)
        await eventually(lambda: is_blocked(database))
        yield request


def _wait_until_it_answers(service: Service, path: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while service.process.poll() is None and time.monotonic() < give_up:
        try:
            service.get(path)
        except httpx2.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(service.stdout.read_text() + service.stderr.read_text())


@contextmanager
def _serving(
    start: Start, database_url: str, options: tuple[str, ...], changes: dict[str, str]
) -> Iterator[Service]:
    port = free_port()
    env = environment(database_url, **DEVELOPMENT | changes)
    with started(["-m", "app", "serve", "--port", str(port), *options], port, env, start=start) as service:
        yield service
