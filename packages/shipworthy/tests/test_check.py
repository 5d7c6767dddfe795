"""What the checker finds in whole projects, and how it answers."""

import json
from pathlib import Path

import pytest
from shipworthy.check.cli import main
from shipworthy.check.engine import check
from shipworthy.check.finding import Report

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
SERVICE = """
from sqlalchemy.orm import Session
class Base:
    def __init__(self, db: Session):
        self.db = db
class Users(Base):
    def names(self) -> list[str]:
        return self.rows()
    def rows(self):
        return self.db.execute("select 1")
"""
DEPENDENCIES = """
from typing import Annotated
from fastapi import Depends
from .service import *
def get_users() -> Users: ...
Service = Annotated[Users, Depends(get_users)]
"""
ROUTER = """
from fastapi import APIRouter as Router
from . import Service as S
router = Router()
@router.get("/users")
async def list_users(users: S) -> list[str]:
    await later()
    return users.names()
"""
MEMOISED = "from functools import cache\n@cache\ndef text(): return open('a').read()"


def project(folder: Path, **files: str) -> Report:
    for name, text in files.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return check([folder], set(), set())


def codes(report: Report) -> list[str]:
    return [each.code for each in report.findings]


def handler(body: str, head: str = "") -> str:
    return f'{head}\n{APP}\n@app.get("/")\nasync def read() -> str:\n    await later()\n    return {body}\n'


def test_the_chain_runs_through_re_exports_aliases_and_base_classes(tmp_path: Path) -> None:
    package = "from .dependencies import *\n"
    files = {
        "shop__in____init__": package,
        "shop__in__service": SERVICE,
        "shop__in__dependencies": DEPENDENCIES,
    }

    report = project(tmp_path, **files, shop__in__router=ROUTER)
    [found] = [each for each in report.findings if each.code == "SW101"]

    assert [step.callee for step in found.chain] == [
        "shop.service.Users.names", "shop.service.Users.rows", "sqlalchemy.orm.Session.execute",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("import time", "time.sleep(1)"),
        ("from time import sleep as rest", "rest(1)"),
        ("import redis\ncache = redis.Redis()", "cache.get('a')"),
        ("from sqlalchemy.orm import sessionmaker\nLocal = sessionmaker()", "Local().execute('')"),
        ("class Time:\n    def wait(self): open('a')\ntime = Time()", "time.wait()"),
    ],
)
def test_blocking_work_is_found_whatever_it_is_called(head: str, body: str, tmp_path: Path) -> None:
    assert "SW101" in codes(project(tmp_path, main=handler(body, head)))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("import asyncio, time", "await asyncio.to_thread(time.sleep, 1)"),
        ("from redis import asyncio as redis\ncache = redis.Redis()", "await cache.get('a')"),
        ("from sqlalchemy.ext.asyncio import AsyncSession as S\ndb: S = S()", "await db.execute('')"),
        ("class Git:\n    async def commit(self): ...\ngit = Git()", "await git.commit()"),
        (f"{MEMOISED}\nasync def no(): ...", "text() if await no() else ''"),
    ],
)  # fmt: skip
def test_what_does_not_block_is_left_alone(head: str, body: str, tmp_path: Path) -> None:
    assert "SW101" not in codes(project(tmp_path, main=handler(body, head)))


@pytest.mark.parametrize("text", ["def broken(:", "<<<<<<< HEAD\n", "{% if x %}\n", "\0"])
def test_a_file_that_cannot_be_parsed_is_a_finding(text: str, tmp_path: Path) -> None:
    report = project(tmp_path, main=handler("''"), broken=text)

    assert codes(report) == ["SW001"]
    assert report.files == 2


def test_routes_are_found_in_factories_and_behind_several_decorators(tmp_path: Path) -> None:
    factory = """
from fastapi import FastAPI
def create():
    app = FastAPI()
    @app.get("/a")
    @app.get("/b")
    def read() -> str: ...
    return app
"""
    assert project(tmp_path, main=factory).routes == 2


def test_the_on_event_of_other_libraries_and_committed_environments_are_no_concern(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    other = "from scheduler import Bus\nbus = Bus()\n@bus.on_event('a')\ndef go(): ...\n"

    assert codes(project(tmp_path, main=other, env__in__broken="def (")) == []


def test_an_ignore_hides_its_finding_and_an_unused_one_is_found(tmp_path: Path) -> None:
    bad = handler("open('a').read()  # shipworthy: ignore[SW101] -- small\n")
    unused = "x = 1  # shipworthy: ignore[SW101]\ny = '# shipworthy: ignore[SW101]'\n"

    report = project(tmp_path, main=bad, other=unused)

    assert codes(report) == ["SW002"]
    assert report.ignored == 1


@pytest.mark.parametrize(
    ("arguments", "text", "status"),
    [
        ([], handler("''"), 0),
        ([], handler("open('a')"), 1),
        (["--ignore", "SW101"], handler("open('a')"), 0),
        (["--select", "SW999"], "", 2),
        ([], "", 3),
    ],
)
def test_the_exit_code_tells_the_outcome(
    arguments: list[str], text: str, status: int, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(text)

    assert main(["check", str(tmp_path), *arguments]) == status


def test_json_is_versioned_and_carries_the_chain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.py").write_text(handler("open('a')"))

    main(["check", str(tmp_path), "--format", "json"])
    told = json.loads(capsys.readouterr().out)

    assert told["version"] == 1
    assert [step["calls"] for step in told["findings"][0]["chain"]] == ["open"]


def test_a_finding_shows_the_source_and_where_to_read_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.py").write_text(handler("open('a')"))

    main(["check", str(tmp_path)])
    told = capsys.readouterr().out

    assert "^^^^^^^^^" in told
    assert "= help: shipworthy rule SW101" in told
    assert "0 of 1 routes pass" in told
