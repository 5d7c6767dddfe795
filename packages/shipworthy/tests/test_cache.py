"""What is kept of a run: what makes it worthless, and what a file that nobody of us wrote may do: nothing."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from shipworthy import check
from shipworthy.check.engine import Scope
from shipworthy.check.engine import check as run_rules
from shipworthy.check.finding import Report
from shipworthy.check.memory import remembered
from shipworthy.check.packed import packed, unpacked

from packages.shipworthy.tests.projects import Project, Run

TOOL = Path(check.__file__).parent
Ask = Callable[..., int]


@pytest.fixture
def cache(shop: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache beside the shop."""
    monkeypatch.setenv("SHIPWORTHY_CACHE", str(shop.root / "cache"))
    return shop.root / "cache"


@pytest.fixture
def ask(cache: Path) -> Ask:
    """Counts the runs: what is remembered keeps its number."""
    runs, folder = count(1), cache.parent / "shop"
    return lambda context="": remembered([folder], context, lambda: Report([], files=next(runs))).files


def test_a_run_is_remembered_until_a_file_changes(ask: Ask, shop: Project) -> None:
    assert [ask(), ask()] == [1, 1]
    shop.write("shop/service.py", "x = 2")
    assert [ask(), ask()] == [2, 2]
    shop.write("shop/new.py", "")
    assert ask() == 3


def test_another_configuration_is_another_run(ask: Ask) -> None:
    assert [ask("these rules"), ask("other rules"), ask("these rules")] == [1, 2, 1]


def test_what_the_project_requires_is_part_of_the_run(shop: Project) -> None:
    assert told(shop) == told(shop)
    shop.write("requirements.txt", "pydantic<2")

    told(shop)

    assert len(list((shop.root / "cache").glob("*.json"))) == 2


def test_a_pin_above_the_nearest_manifest_is_part_of_the_run(shop: Project) -> None:
    shop.write("shop/requirements.txt", "httpx")
    told(shop)
    shop.write("requirements.txt", "fastapi==0.115.0")

    told(shop)

    assert len(list((shop.root / "cache").glob("*.json"))) == 2


def test_another_version_of_the_tool_is_another_run(shop: Project) -> None:
    tool = shop.root / "tool"
    shutil.copytree(TOOL.parent, tool / "shipworthy")
    told(shop, tool)
    told(shop, tool)
    assert len(list((shop.root / "cache").glob("*.json"))) == 1
    with (tool / "shipworthy/check/words.py").open("a") as file:
        file.write("# changed\n")

    told(shop, tool)

    assert len(list((shop.root / "cache").glob("*.json"))) == 2


def told(shop: Project, tool: Path = TOOL.parents[1]) -> str:
    """What the command says, run by a tool in some place."""
    environment = {**os.environ, "PYTHONPATH": str(tool), "SHIPWORTHY_CACHE": str(shop.root / "cache")}
    command = [sys.executable, "-m", "shipworthy.check", "check", "shop", "--format", "concise"]
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=shop.root, env=environment, capture_output=True, check=False
    ).stdout.decode()


class Evil:
    """Leaves a file where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, ("executed", "w")


HOSTILE = {
    "nothing": b"",
    "no JSON": b"broken",
    "no UTF-8": b"\xff\xfe",
    "a pickle": pickle.dumps(Evil()),
    "no report": b"null",
    "a number": b"1e999",
    "too few fields": b"[[]]",
    "wrong kinds": b'["x",1,2,3,4,5,6,[],[],[]]',
    "a finding that is none": b"[[[1]],1,0,0,0,0,0,[],[],[]]",
    "a text for a number": b'[[],"x",1,0,0,0,0,[],[],[]]',
    "too deep": b"[" * 100_000,
    "a field too many": b"[[],1,0,0,0,0,0,[],[],[],1]",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_changes_nothing(content: bytes, cache: Path, run: Run) -> None:
    fresh = run("check", "shop").out
    [kept] = cache.glob("*.json")
    kept.write_bytes(content)

    assert run("check", "shop").out == fresh
    assert not Path("executed").exists()
    assert json.loads(kept.read_bytes())  # and is replaced


def test_a_folder_that_others_can_write_to_is_not_believed(ask: Ask, cache: Path) -> None:
    assert [ask(), ask()] == [1, 1]
    cache.chmod(0o777)

    assert [ask(), ask()] == [2, 3]


def test_a_report_survives_the_file_as_it_is(shop: Project) -> None:
    report = run_rules([Path("shop")], set(), set(), Scope(shop.root))

    assert report.findings
    assert unpacked(Report, packed(report)) == report


def test_who_interrupts_a_run_gets_no_traceback_and_leaves_nothing(cache: Path, shop: Project) -> None:
    lines = "".join(
        f"def f{number}(a: int, *b: str) -> list[str]: return [a, *b]\n" for number in range(20_000)
    )
    for number in range(8):
        shop.write(f"shop/long{number}.py", lines)
    command = [sys.executable, "-m", "shipworthy.check", "check", "shop"]
    environment = {**os.environ, "PYTHONPATH": str(TOOL.parents[1])}
    ignored = signal.signal(
        signal.SIGINT, signal.SIG_DFL
    )  # as it is in the background, and children inherit it
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
    finally:
        signal.signal(signal.SIGINT, ignored)
    while not cache.exists():  # it has begun
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)

    assert process.communicate()[1] == b""
    assert process.returncode == 130
    assert not list(cache.iterdir())
