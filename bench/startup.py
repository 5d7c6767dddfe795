"""What the service costs before its first request: imports, the start, packages, memory of a worker."""

import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import median

from bench import proc
from bench.environments import ROOT
from bench.lineup import SERVICE, with_workers
from bench.servers import running

TIMES = 5
WORKERS = 2
HEAVIEST = 6
IMPORT = "import app.main"
LOCK = ROOT / "requirements" / "production.txt"
IMPORT_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)")


def measure(url: str) -> dict[str, str]:
    """Names and values, for people."""
    bare, whole = _cpu_of("pass"), _cpu_of(IMPORT)
    packages, size = _packages()
    return {
        f"CPU time of `{IMPORT}`": f"{whole - bare:.2f} s, beside {bare:.2f} s of Python itself",
        "packages that take longest to load, without what they load (wall clock)": _heaviest(),
        "`make run` until it answers, on a migrated database": f"{_warm_start(url):.1f} s",
        "packages of `requirements/production.txt`": f"{packages}, {size:.0f} MiB installed",
        "memory of one process, idle": _idle(url),
        f"memory of each of {WORKERS} workers, idle": _idle_workers(url),
    }


def _cpu_of(code: str) -> float:
    return median(_spent(lambda: _python("-c", code)) for _ in range(TIMES))


def _spent(run: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _python(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return done.stderr


def _heaviest() -> str:
    """By the time that their modules take themselves, without what those import."""
    totals: Counter[str] = Counter()
    for microseconds, module in IMPORT_LINE.findall(_python("-X", "importtime", "-c", IMPORT)):
        totals[module.partition(".")[0]] += int(microseconds)
    return ", ".join(f"{name} {spent / 1000:.0f} ms" for name, spent in totals.most_common(HEAVIEST))


def _warm_start(url: str) -> float:
    def once() -> float:
        start = time.perf_counter()
        with running(SERVICE, url):
            return time.perf_counter() - start

    return median(once() for _ in range(TIMES))


def _idle(url: str) -> str:
    with running(SERVICE, url) as server:
        return _memory(server.pids())


def _idle_workers(url: str) -> str:
    with running(with_workers(WORKERS), url) as server:
        workers = sorted(server.pids(), key=lambda pid: proc.memory([pid]).pss)[-WORKERS:]
        held = proc.memory(workers)
        return f"RSS {held.rss / WORKERS:.0f} MiB, PSS {held.pss / WORKERS:.0f} MiB"


def _memory(pids: set[int]) -> str:
    held = proc.memory(pids)
    return f"RSS {held.rss:.0f} MiB, PSS {held.pss:.0f} MiB"


def _packages() -> tuple[int, float]:
    """How many there are on this machine, and how large they are."""
    sizes = []
    for name in re.findall(r"^([\w.-]+)==", LOCK.read_text(), re.MULTILINE):
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:  # one for another system
            continue
        paths = [Path(str(file.locate())) for file in files]
        sizes.append(sum(path.stat().st_size for path in paths if path.is_file()))
    return len(sizes), sum(sizes) / 1024**2
