"""Contenders as running processes, on a CPU of their own, and what they have used so far."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from app.core.config import DEVELOPMENT_SECRET
from bench import proc
from bench.environments import NotInstalled
from bench.lineup import Contender
from bench.workloads import WORKLOADS, Account

PATIENCE = 60.0  # seconds until a start or a stop is given up
HEALTH = WORKLOADS[0]
ERROR = re.compile(r"\w(Error|Exception)\b.*: ")
KEPT = ("PATH", "HOME", "LANG")  # nothing of the developer's own configuration
CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPU, LOAD_CPU = CPUS[0], CPUS[-1]


@dataclass
class Server:
    """A contender that answers."""

    contender: Contender
    url: str
    port: int
    process: subprocess.Popen[bytes] | None = None
    accounts: list[Account] = field(default_factory=list)

    def pids(self) -> set[int]:
        """Its processes, for what they use."""
        return proc.family(self.process.pid) if self.process else proc.listeners(self.port)


@contextmanager
def pinned(cpus: set[int]) -> Iterator[None]:
    """Keep this process and what it starts on some CPUs."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(contender: Contender, database_url: str, cpus: Iterable[int] = (SERVER_CPU,)) -> Iterator[Server]:
    """The contender, once it answers; its processes are gone afterwards.

    Raises:
        NotInstalled: it cannot be had here, or does not start.
    """
    if contender.command is None:
        yield external(contender)
        return
    port = free_port()
    env = {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "PYTHONPATH": str(contender.root),
        "DATABASE_URL": database_url,
        "APP_SECRET_KEY": DEVELOPMENT_SECRET,
        "PORT": str(port),
        **contender.env,
    }
    command = [part.format(port=port) for part in contender.command()]
    with tempfile.TemporaryDirectory() as folder:
        process = spawn(command, env, Path(folder), set(cpus))
        try:
            server = Server(contender, f"http://127.0.0.1:{port}", port, process)
            wait_until_it_answers(server, Path(folder, "stderr"))
            yield server
        finally:
            stop(process)


def spawn(command: list[str], env: dict[str, str], folder: Path, cpus: set[int]) -> subprocess.Popen[bytes]:
    """A process. It logs into /dev/null; the reason why it does not start is kept in the folder."""
    with pinned(cpus), Path(folder, "stderr").open("wb") as errors:
        path = shutil.which(command[0]) or command[0]
        return subprocess.Popen(  # noqa: S603 - our own command
            [path, *command[1:]],
            env=env,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and those it has started."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def external(contender: Contender) -> Server:
    """A server that somebody else has started."""
    port = urlsplit(contender.url).port or 80
    server = Server(contender, contender.url, port)
    if not server.pids():
        raise NotInstalled(f"nothing listens on port {port} of this machine")
    return server


def wait_until_it_answers(server: Server, errors: Path) -> None:
    """Return when the health route does.

    Raises:
        NotInstalled: it never did.
    """
    process, give_up = server.process, time.monotonic() + PATIENCE
    while process and process.poll() is None and time.monotonic() < give_up:
        try:
            httpx2.get(server.url + HEALTH.path)
        except httpx2.TransportError:
            time.sleep(0.02)
        else:
            return
    raise NotInstalled(f"does not start: {reason(errors.read_text(errors='replace'))}")


def reason(said: str) -> str:
    """The line that names an error, else the last one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it says nothing"]
    return next((line for line in reversed(lines) if ERROR.search(line)), lines[-1])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
