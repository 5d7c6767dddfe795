"""A large project is checked by two processes, and nobody can tell by what is found."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import shipworthy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one process does it all")
CHECK = """
import os, resource, sys
from shipworthy.check.cli import main
if sys.argv.pop(1) == "one":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0, file=sys.stderr)
sys.exit(status)
"""
WORK = """
import os, signal, sys, time
from shipworthy.check.halves import at_once
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a suite in the background has switched off
me = os.getpid()
def there():
    if sys.argv[1] == "crash" and os.getpid() != me:
        os.kill(os.getpid(), 9)
    if sys.argv[1] == "refuse" and os.getpid() != me:
        return lambda: "which cannot be sent"
    if sys.argv[1] == "wait":
        time.sleep(600)
    return "x" * 1_000_000
def here():
    if sys.argv[1] == "wait":
        print(next(iter(open(f"/proc/self/task/{me}/children"))).split()[0], flush=True)
        time.sleep(600)
    if sys.argv[1] == "fail":
        raise ValueError
    return 1
found = at_once(here, there)
print(found[0], len(found[1]))
"""
SOURCE = Path(shipworthy.__file__).parent.parent
CORES = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A project of more functions than one process is given."""
    for number in range(30):
        names = [
            f"def f{number}_{each}(db, x={each}):\n    print(x)\n    db.commit()\n" for each in range(90)
        ]
        (tmp_path / f"part{number}.py").write_text("\n".join(names))
    lines = ["from fastapi import FastAPI", "from sqlalchemy.orm import Session", "app = FastAPI()"]
    for number in range(30):
        lines += [
            f"from part{number} import f{number}_0",
            f"@app.post('/items/{number}', response_model=dict)",
        ]
        lines += [f"async def create_item_{number}(db: Session):", f"    return f{number}_0(db)"]
    (tmp_path / "main.py").write_text("\n".join(lines) + "\n")
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def start(code: str, *arguments: str) -> "subprocess.Popen[str]":
    """A process of its own: the tests' own has threads, which are in the way of a fork."""
    pipe = subprocess.PIPE
    environment = {**os.environ, "SHIPWORTHY_CACHE": "off", "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment)  # noqa: S603 - our own


@pytest.mark.skipif(CORES < 2, reason="there is one processor")
def test_two_processes_find_what_one_does(large: Path) -> None:
    answers = []
    for how in ("one", "two"):
        process = start(CHECK, how, "check", str(large), "--pedantic", "--format", "json")
        answers.append((*process.communicate(timeout=120), process.returncode))
    (one, forked_one, status_one), (two, forked_two, status_two) = answers

    assert (forked_one.strip(), forked_two.strip()) == ("False", "True")
    assert (one, status_one) == (two, status_two)
    assert {"SW101", "SW202", "SW503"} <= {each["code"] for each in json.loads(one)["findings"]}


@pytest.mark.parametrize("how", ["crash", "refuse", "well"])
def test_what_a_process_does_not_send_is_done_here(how: str) -> None:
    told, complaint = start(WORK, how).communicate(timeout=60)

    assert told == "1 1000000\n"
    assert complaint == ""


def test_a_failure_here_is_told_and_leaves_nothing_running() -> None:
    process = start(WORK, "fail")
    told, complaint = process.communicate(timeout=60)  # which would wait for a child that holds the pipe

    assert told == ""
    assert complaint.rstrip().endswith("ValueError")


def test_an_interrupt_ends_both() -> None:
    process = start(WORK, "wait")
    assert process.stdout
    child = int(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode != 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
