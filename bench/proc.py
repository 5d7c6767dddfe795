"""What Linux knows about processes: the time they spent on a CPU, their memory, and who listens where."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")
NANO = 1e-9
IDLE = {3, 4}  # idle, iowait: the columns of /proc/stat that are no work
GUEST = 8  # columns from here on are counted in the ones before


@dataclass(frozen=True)
class Memory:
    """Of one process or several, in MiB. Shared pages count fully in RSS, and by their share in PSS."""

    rss: float
    pss: float


def cpu_seconds(pids: Iterable[int]) -> float:
    """The time that all threads of these processes have run, to the nanosecond (schedstat)."""
    return sum(_cpu_seconds(pid) for pid in pids)


def _cpu_seconds(pid: int) -> float:
    nanoseconds = 0
    for task in _listdir(PROC / str(pid) / "task"):
        with suppress(OSError):  # a thread that has just ended
            nanoseconds += int((PROC / str(pid) / "task" / task / "schedstat").read_text().split()[0])
    return nanoseconds * NANO


def family(pid: int) -> set[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for each in processes():
        with suppress(OSError):
            parent = int((PROC / str(each) / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(each)
    found, ahead = set(), [pid]
    while ahead:
        found.add(one := ahead.pop())
        ahead += children.get(one, [])
    return found


def processes() -> list[int]:
    """The ids of all processes."""
    return [int(name) for name in _listdir(PROC) if name.isdecimal()]


def named(name: str) -> set[int]:
    """The processes of this name."""
    return {pid for pid in processes() if _name(pid) == name}


def _name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def memory(pids: Iterable[int]) -> Memory:
    """What the processes hold, together."""
    total = {"Rss:": 0, "Pss:": 0}
    for pid in pids:
        with suppress(OSError):
            for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                name, *rest = line.split()
                if name in total:
                    total[name] += int(rest[0])
    return Memory(rss=total["Rss:"] / 1024, pss=total["Pss:"] / 1024)


def machine_seconds() -> float:
    """The time that all CPUs of the machine have been busy, for whomever; stolen time is busy, too."""
    columns = (PROC / "stat").read_text().partition("\n")[0].split()[1:]
    return sum(int(ticks) for at, ticks in enumerate(columns[:GUEST]) if at not in IDLE) / TICK


def listeners(port: int) -> set[int]:
    """The processes that hold the socket which listens on a port of this machine."""
    sockets = set()
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    return {pid for pid in processes() if sockets & set(_open_files(pid))}


def _open_files(pid: int) -> Iterable[str]:
    for name in _listdir(PROC / str(pid) / "fd"):
        with suppress(OSError):
            yield str((PROC / str(pid) / "fd" / name).readlink())


def _listdir(path: Path) -> list[str]:
    try:
        return os.listdir(path)  # noqa: PTH208 - names, not paths: this runs between samples
    except OSError:
        return []
