"""Code after its fixes: it parses, there is nothing left to fix, and what was found is gone.

On the examples of the rules' pages, and on whole projects where `SHIPWORTHY_CORPUS` names a folder of them.
"""

import ast
import os
import re
import shutil
from pathlib import Path

import pytest
from shipworthy.check.engine import check
from shipworthy.check.files import python_files
from shipworthy.check.mend import mended
from shipworthy.check.parse import Unread, parse
from shipworthy.check.rule import Rule, load

from packages.shipworthy.tests.projects import Project, Run

BAD = [(rule, code) for rule in load() for code in rule.examples("Bad")]
CORPUS = os.environ.get("SHIPWORTHY_CORPUS", "")
PROJECTS = sorted(path.name for path in Path(CORPUS).iterdir()) if CORPUS else []


@pytest.mark.parametrize(("rule", "code"), BAD, ids=lambda value: getattr(value, "name", ""))
def test_a_bad_example_is_good_after_its_fix(rule: Rule, code: str, tmp_path: Path) -> None:
    named = re.match(r"# (\S+\.py)\n", code)
    path = tmp_path / (named[1] if named else "example.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(code)
    fixable = [each for each in check([tmp_path], set(), set()).findings if each.fix]

    for each in mended(fixable, unsafe=True):
        each.write()
    left = check([tmp_path], set(), set()).findings

    ast.parse(path.read_text())
    assert [each.code for each in left] == ([] if fixable else [rule.code])


def parsed(path: Path) -> bool:
    return not isinstance(parse(path, path.stem, path.read_bytes()), Unread)


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_parses_after_its_fixes_and_a_second_run_changes_nothing(
    name: str, project: Project, run: Run
) -> None:
    for path in python_files(Path(CORPUS, name), []):
        copy = project.root / path.relative_to(Path(CORPUS, name))
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    files = [path for path in project.root.rglob("*.py") if parsed(path)]

    run("check", "--fix", "--unsafe-fixes", "--pedantic")
    once = {path: path.read_bytes() for path in files}
    run("check", "--fix", "--unsafe-fixes", "--pedantic")

    assert [path for path in files if not parsed(path)] == []
    assert {path: path.read_bytes() for path in files} == once
