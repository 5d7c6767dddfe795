"""The documentation says what the code does, and every link in it leads somewhere."""

import re
from pathlib import Path

import pytest

from dev.docs import PAGES, variables
from dev.pages import ROOT, renewed

MARKDOWN = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "docs/checker", "packages/shipworthy")
    for path in (ROOT / folder).glob("*.md")
    if path.is_file()
)
LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
VARIABLE = re.compile(r"\bAPP_[A-Z0-9_]+\b")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_make_docs_writes(name: str) -> None:
    assert (ROOT / name).read_text() == renewed(PAGES, name)


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        file = page.parent / target if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    groups = {name.rsplit("_", parts)[0] + "_" for name, _ in variables() for parts in (1, 2, 3)}
    mentioned = set(VARIABLE.findall(page.read_text()))

    assert mentioned <= {name for name, _ in variables()} | groups


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    decisions = [path.name for path in (ROOT / "docs/decisions").glob("0*.md")]

    assert decisions
    assert [name for name in decisions if f"({name})" not in index] == []


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
