"""What the figures were measured on."""

import platform
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import asyncpg

from bench.load import generator
from bench.servers import CPUS

SETTINGS = ("server_version", "synchronous_commit", "shared_buffers", "fsync")


async def facts(url: str) -> dict[str, str]:
    """Names and values, for people."""
    return {
        "CPU": f"{_first('/proc/cpuinfo', 'model name')}, {len(CPUS)} cores in use",
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) // 1024**2} GiB",
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": f"{platform.python_version()}, {_build()}",
        "PostgreSQL": await _postgres(url),
        "Node.js": _said("node", "--version") or "none",
        "load": f"{generator()} {_wrk_version()}".strip(),
    }


def _first(file: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.*)$", Path(file).read_text(), re.MULTILINE)
    return found[1] if found else "unknown"


def _build() -> str:
    """Distributions build Python with profile-guided optimisation; version managers often do not."""
    options = str(sysconfig.get_config_var("CONFIG_ARGS"))
    return "built with PGO" if "--enable-optimizations" in options else "built without PGO"


async def _postgres(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        values = [await connection.fetchval(f"SHOW {name}") for name in SETTINGS]
    finally:
        await connection.close()
    version, *rest = values
    return ", ".join([version, *(f"{name} {value}" for name, value in zip(SETTINGS[1:], rest, strict=True))])


def _wrk_version() -> str:
    words = _said("wrk", "--version").split()
    return words[1] if len(words) > 1 else ""


def _said(name: str, *arguments: str) -> str:
    if (path := shutil.which(name)) is None:
        return ""
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()
