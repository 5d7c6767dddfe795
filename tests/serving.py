"""The service as its own process, behind a real port, as production runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[1]
START_SECONDS = 30
ENVIRONMENT = {
    "APP_ENVIRONMENT": "development",
    "APP_AUTH_ARGON2_MEMORY_KIB": "8",
    "APP_AUTH_ARGON2_PASSES": "1",
}


@dataclass
class Server:
    """A running service: where it answers, its process and what it has printed."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def client(self) -> httpx2.AsyncClient:
        """A client over real connections; paths are relative to /api/v1, other places need a whole URL."""
        return httpx2.AsyncClient(base_url=f"{self.url}/api/v1")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(database_url: str, **changes: str) -> dict[str, str]:
    """This process's environment, pointed at a database, with cheap password hashing."""
    return {**os.environ, **ENVIRONMENT, "DATABASE_URL": database_url, **changes}


@contextmanager
def serve(database_url: str, log: Path, *options: str, **changes: str) -> Iterator[Server]:
    """``python -m app serve`` until the block ends; it answers when the block begins."""
    port = free_port()
    command = [sys.executable, "-m", "app", "serve", "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env=environment(database_url, **changes), stdout=output, stderr=output
        )
    server = Server(f"http://localhost:{port}", process, log)
    try:
        wait_until_alive(server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)


def wait_until_alive(server: Server) -> None:
    """Wait for the first answer, or fail with what the server printed."""
    deadline = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            httpx2.get(f"{server.url}/health")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"The server did not start:\n{server.log.read_text()}")
