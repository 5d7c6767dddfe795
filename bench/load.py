"""Load from a process of its own: wrk where it is installed, our own client otherwise."""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from bench.environments import ROOT
from bench.servers import LOAD_CPU, pinned
from bench.workloads import Request, lines

SCRIPT = ROOT / "bench" / "wrk.lua"


@dataclass(frozen=True)
class Load:
    """What the generator saw, and the CPU time it took itself."""

    requests: int
    seconds: float
    errors: int
    p50: float  # milliseconds
    p99: float
    cpu: float


def generator() -> str:
    """The name of what makes the load."""
    return "wrk" if shutil.which("wrk") else "bench.client"


def press(url: str, requests: Sequence[Request], connections: int, seconds: float, rate: float = 0.0) -> Load:
    """Ask as fast as the answers come, on so many connections; or so many times a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.write(lines(requests))
        file.flush()
        return _measured(command(url, file.name, connections, seconds, rate))


def command(url: str, file: str, connections: int, seconds: float, rate: float) -> list[str]:
    """How the generator is started; wrk knows no rate."""
    if not rate and (wrk := shutil.which("wrk")):
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
        return [wrk, *options, "-s", str(SCRIPT), url, "--", file]
    return [sys.executable, "-m", "bench.client", url, file, str(connections), str(seconds), str(rate)]


def _measured(words: list[str]) -> Load:
    before = _children_seconds()
    with pinned({LOAD_CPU}):
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    found = json.loads(done.stderr.splitlines()[-1])
    return Load(**found, cpu=_children_seconds() - before)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
