"""The tools that are compared: how each is run and what its findings are about."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

TIMEOUT = 900
SHIPWORTHY = {  # practice: the names of the rules about it
    "blocking_in_async": {"SW101"},
    "needless_async": {"SW102"},
    "response_model": {"SW201"},
    "status_code": {"SW202"},
    "on_event": {"SW301"},
    "cors_star": {"SW302"},
    "exception_handlers": {"SW303"},
    "db_in_route": {"SW401"},
    "http_exception_in_service": {"SW402"},
    "orm_leak": {"SW204", "SW205"},
}


class Found(NamedTuple):
    """A finding of any tool."""

    code: str
    path: Path
    line: int
    message: str = ""


class Outcome(NamedTuple):
    """A run over one repository."""

    found: list[Found]
    cpu: float
    status: int
    error: str


class Tool(NamedTuple):
    """A tool: its command, what it prints, and which codes speak of which practice."""

    name: str
    command: list[str]
    read: Callable[[Any, Path], list[Found]]
    practices: dict[str, set[str]]
    crash: int = 2  # the first exit status that means it failed


def ours(told: Any, place: Path) -> list[Found]:  # noqa: ANN401 - JSON
    """What shipworthy prints."""
    return [Found(f["code"], place / f["path"], f["line"], f["message"]) for f in told["findings"]]


def ruffs(told: Any, place: Path) -> list[Found]:  # noqa: ANN401 - JSON
    """What ruff prints."""
    return [Found(f["code"], place / f["filename"], f["location"]["row"], f["message"]) for f in told]


def therapists(told: Any, place: Path) -> list[Found]:  # noqa: ANN401 - JSON
    """What fastapi-therapist prints."""
    found = told["diagnostics"]
    return [Found(f["rule"].rpartition("/")[2], place / f["filePath"], f["line"] or 0) for f in found]


def hydroids(told: Any, place: Path) -> list[Found]:  # noqa: ANN401 - JSON
    """What hydroid prints."""
    places = [f["location"] for f in told["diagnostics"]]
    return [Found("blocking", place / each["path"], each["line"]) for each in places]


def tools() -> list[Tool]:
    """Ours, and those of the others that are installed."""
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    asynchronous = {"ASYNC210", "ASYNC212", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC230", "ASYNC240",
                    "ASYNC250", "ASYNC251"}  # fmt: skip
    therapist = {
        "blocking_in_async": {"FASTT001", "FASTT002", "FASTT005", "FASTT006"},
        "needless_async": {"FASTT003"},
        "response_model": {"FASTT012"},
        "status_code": {"FASTT070"},
        "on_event": {"FASTT025"},
        "cors_star": {"FASTT015"},
        "orm_leak": {"FASTT010"},
    }
    options = ["check", "--isolated", "--no-cache", "--select", "FAST,ASYNC", "--output-format", "json"]
    every = [
        Tool("shipworthy", [sys.executable, "-m", "shipworthy.check", "check", "--format", "json"], ours,
             SHIPWORTHY),
        Tool("ruff FAST+ASYNC", [ruff or "", *options], ruffs, {"blocking_in_async": asynchronous}),
        Tool("fastapi-therapist", [shutil.which("fastapi-therapist") or "", "--json"], therapists, therapist),
        Tool("hydroid", [shutil.which("hydroid") or "", "--no-cache", "--format", "json"], hydroids,
             {"blocking_in_async": {"blocking"}}),
    ]  # fmt: skip
    for tool in every:
        if not tool.command[0]:
            sys.stderr.write(f"skipped {tool.name}: it is not installed\n")
    return [tool for tool in every if tool.command[0]]


def run(tool: Tool, place: Path) -> Outcome:
    """Run it over a repository; what it spends is its processor time, with bytecode as installed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        command = [*tool.command, str(place)]
        done = subprocess.run(  # noqa: S603 - tools that the user installed
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        )
    except subprocess.TimeoutExpired:
        return Outcome([], TIMEOUT, -1, "timeout")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    try:
        found = tool.read(json.loads(done.stdout), place)
    except (ValueError, KeyError, TypeError):
        return Outcome([], cpu, done.returncode or -1, (done.stderr.strip().splitlines() or ["no JSON"])[-1])
    return Outcome(
        found, cpu, 0 if done.returncode < tool.crash or tool.name != "shipworthy" else done.returncode, ""
    )
