"""Processes that begin where the imports end: forked from one that has imported the service once.

To import it costs a second of CPU, and tests start some two hundred processes. What one does from its first
line on is the same; some of test_serving, test_cli and test_make_run show that it starts from nothing, too.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from multiprocessing import connection
from pathlib import Path

LOADED = [
    "app.main",
    "app.commands.serve",
    "app.commands.worker",
    "app.commands.create_admin",
    "dev.postgres",
    "anyio._backends._asyncio",  # what a service loads when it starts, and half of the time that this takes
    "numpy",
]
ONE_BY_ONE = threading.Lock()  # two threads that ask for the same exit code would take it from each other
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(LOADED)


class Forked:
    """A process, with what tests need of ``subprocess.Popen``."""

    def __init__(
        self, command: list[str], stdout: Path, stderr: Path, env: dict[str, str], cwd: Path
    ) -> None:
        self._command = command
        self._process = FORKS.Process(target=_become, args=(command, stdout, stderr, env, cwd))
        with ONE_BY_ONE:
            self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit code, once it has ended."""
        with ONE_BY_ONE:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, when it ends."""
        connection.wait([self._process.sentinel], timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self._command, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run_forked(
    command: list[str], env: dict[str, str], cwd: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        stdout, stderr = Path(folder, "stdout"), Path(folder, "stderr")
        process = Forked(command, stdout, stderr, env, cwd)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        return subprocess.CompletedProcess(command, code, stdout.read_text(), stderr.read_text())


def _become(command: list[str], stdout: Path, stderr: Path, env: dict[str, str], cwd: Path) -> None:
    """Be ``python -m`` the module, with nothing of the test's own environment."""
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    read, write = os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, (path, flags) in enumerate([(Path(os.devnull), read), (stdout, write), (stderr, write)]):
        file = os.open(path, flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0)  # multiprocessing has put something else there, which no child would inherit
    option, module, *arguments = command
    assert option == "-m"
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
