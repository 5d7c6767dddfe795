"""The optional slices go without a trace: done as their pages say, in a copy, which is then tested."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import ROOT, environment, run_afresh

SLOWLY = 180  # seconds; nothing of the copy is compiled yet
COPIED = ("app", "dev", "migrations", "requirements", "tests", "pyproject.toml", "docs", "packages")
ROUTES = """
from pathlib import Path
from fastapi.routing import iter_route_contexts
from tests.apps import UNCONNECTED, app_of
def test_routes():
    routes = iter_route_contexts(app_of(UNCONNECTED).routes)
    Path("routes").write_text("\\n".join(str(each.path) for each in routes))
"""
TESTS = [
    "tests/test_routes.py",
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
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return tmp_path


@dataclass(frozen=True)
class Slice:
    """What may be left out: its page, the word in its lines, and the lines outside of its own files."""

    page: str
    word: str
    path: str
    lines: dict[str, int]


PREDICTIONS = Slice(
    "docs/predictions.md",
    "prediction",
    "predict",
    {
        "app/main.py": 2,
        "app/core/config.py": 2,
        "app/openapi.py": 1,
        "app/models/audit_event.py": 1,
    },
)
ADMIN_UI = Slice("docs/admin.md", "admin_ui", "admin", {"app/main.py": 2, "app/core/config.py": 1})


@pytest.mark.parametrize("optional", [PREDICTIONS, ADMIN_UI], ids=["predictions", "admin-ui"])
def test_a_slice_is_removed_as_its_page_says(copy: Path, server_url: str, optional: Slice) -> None:
    for name in files_of(optional.page):
        path = copy / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # what `make lock` writes may not be there yet
    removed = {
        str(path.relative_to(copy)): count
        for folder in ("app", "tests", "requirements")
        for path in (copy / folder).rglob("*")
        if path.suffix in {".py", ".in"} and (count := drop_lines(path, optional.word))
    }

    here = environment(PYTHONPATH=str(copy), APP_ENVIRONMENT="development")
    (copy / "tests/test_routes.py").write_text(ROUTES)
    tested = run_afresh(
        ["-m", "pytest", "-q", "-x", *TESTS], here | {"DATABASE_URL": server_url}, cwd=copy, timeout=SLOWLY
    )

    assert {name: count for name, count in removed.items() if name.startswith("app/")} == optional.lines
    assert tested.returncode == 0, tested.stdout
    routes = (copy / "routes").read_text().split()
    assert "/api/v1/items" in routes
    assert [path for path in routes if optional.path in path] == []


def drop_lines(path: Path, word: str) -> int:
    """Remove the lines that have a word, and say how many there were."""
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if word not in line.lower()]
    path.write_text("".join(kept))
    return len(lines) - len(kept)
