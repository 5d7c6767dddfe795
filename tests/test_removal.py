"""The optional slices go without a trace: done as their pages say, in a copy, which is then tested."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.processes import ROOT, environment, run

SLOWLY = 180  # seconds; nothing of the copy is compiled yet
COPIED = ("app", "dev", "migrations", "requirements", "tests", "pyproject.toml", "docs", "packages")
TESTS = [
    "tests/security/test_access_matrix.py::test_every_operation_has_a_line_in_the_table_and_every_line_an_operation",
    "tests/security/test_audit_matrix.py::test_every_mutating_operation_has_a_line",
    "tests/test_throttling.py::test_every_route_for_anyone_is_limited",
    "tests/test_budgets.py::test_imports_run_one_way",
    "tests/test_items.py::test_an_item_is_created_with_every_field_and_read_back",
    "tests/test_metrics.py::test_requests_are_counted_and_timed_by_route_template_and_status",
]


def files_of(page: str) -> list[str]:
    """What the last block of a page names."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    return str(blocks[-1]).split()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources, as somebody has them who begins a service with them."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tmp_path


def test_predictions_are_removed_as_their_page_says(copy: Path, server_url: str) -> None:
    for name in files_of("docs/predictions.md"):
        path = copy / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # what `make lock` writes may not be there yet
    removed = {
        str(path.relative_to(copy)): count
        for folder in ("app", "tests", "requirements")
        for path in (copy / folder).rglob("*")
        if path.suffix in {".py", ".in"} and (count := drop_lines(path, "prediction"))
    }

    here = environment(PYTHONPATH=str(copy))
    document = run(["-m", "app", "openapi"], here, cwd=copy, timeout=SLOWLY)
    tested = run(
        ["-m", "pytest", "-q", "-x", *TESTS], here | {"DATABASE_URL": server_url}, cwd=copy, timeout=SLOWLY
    )

    in_app = {name: count for name, count in removed.items() if name.startswith("app/")}
    assert in_app == {
        "app/main.py": 2,
        "app/core/config.py": 2,
        "app/openapi.py": 1,
        "app/models/audit_event.py": 1,
    }
    assert document.returncode == 0, document.stderr
    assert [path for path in json.loads(document.stdout)["paths"] if "predict" in path] == []
    assert tested.returncode == 0, tested.stdout


def drop_lines(path: Path, word: str) -> int:
    """Remove the lines that have a word, and say how many there were."""
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if word not in line.lower()]
    path.write_text("".join(kept))
    return len(lines) - len(kept)
