"""The manual says what the checker does."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from dev.checker import PAGES
from dev.pages import ROOT, renewed
from packages.shipworthy.tests.projects import Project, Run

ADOPT = (ROOT / "docs/checker/adopt.md").read_text()
README = (ROOT / "packages/shipworthy/README.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_make_docs_writes(name: str) -> None:
    assert (ROOT / name).read_text() == renewed(PAGES, name)


def test_the_configuration_in_the_manual_is_one(project: Project, run: Run) -> None:
    [table] = blocks(ADOPT, "toml")
    assert tomllib.loads(table)
    project.write("pyproject.toml", table)
    project.write(
        "app/main.py", "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef read() -> str: ...\n"
    )

    assert run("check", "--write-baseline").status == 0
    assert run("check").status == 0


def test_the_workflow_in_the_manual_uses_inputs_that_exist() -> None:
    [workflow, hook] = [yaml.safe_load(block) for block in blocks(ADOPT, "yaml")]
    action = yaml.safe_load((ROOT / "action.yml").read_text())

    assert set(workflow[1]["with"]) <= set(action["inputs"])
    assert hook[0]["hooks"][0]["id"] == "shipworthy"


@pytest.mark.parametrize(
    "page", ["docs/checker/adopt.md", "docs/checker/options.md", "packages/shipworthy/README.md"]
)
def test_every_option_a_page_names_exists(page: str, run: Run) -> None:
    known = set(re.findall(r"--[a-z-]+", run("check", "--help").out))
    named = set(re.findall(r"--[a-z][a-z-]+", (ROOT / page).read_text()))

    assert named - known <= {"--help", "--version"}


@pytest.mark.usefixtures("shop")
def test_the_example_of_the_readme_is_what_the_checker_says(run: Run) -> None:
    [example] = [block for block in blocks(README, "") if block.startswith("SW101")]

    assert run("check", "--select", "SW101").out.startswith(example)
    assert Path(ROOT / "packages/shipworthy/report.png").stat().st_size < 100_000
