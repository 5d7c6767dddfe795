"""The action and the pre-commit hook, as far as they can be run without GitHub."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from shipworthy.check.cli import main

from packages.shipworthy.tests.projects import Project

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


def step(name: str) -> dict[str, Any]:
    return next(each for each in ACTION["runs"]["steps"] if each.get("name") == name)


def act(project: Project, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Run the step that checks, with the inputs of a workflow, as the runner would."""
    given = {name: str(each["default"]) for name, each in ACTION["inputs"].items()} | inputs
    temporary = project.root / ".runner"
    command = temporary / "shipworthy" / "bin" / "shipworthy"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m shipworthy.check "$@"\n')
    command.chmod(0o755)
    files = {name: str(temporary / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    wanted = {
        name: given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, value in step("Check")["env"].items()
    }
    environment = {
        **os.environ,
        **files,
        **wanted,
        "RUNNER_TEMP": str(temporary),
        "PYTHONPATH": str(ROOT / "packages/shipworthy/src"),
    }
    done = subprocess.run(  # noqa: S603
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step("Check")["run"]],  # noqa: S607
        cwd=project.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    written = {name: Path(path).read_text() if Path(path).exists() else "" for name, path in files.items()}
    return done.returncode, done.stdout, written


def test_the_action_annotates_summarises_and_fails(shop: Project) -> None:
    status, out, written = act(shop)

    assert status == 1
    assert "::error file=shop/main.py,line=14,col=12" in out
    assert written["GITHUB_OUTPUT"] == "result=findings\n"
    assert "| ✗ | event loop | 1 of 2 routes pass |" in written["GITHUB_STEP_SUMMARY"]


@pytest.mark.parametrize(
    ("inputs", "status", "result"),
    [
        ({"arguments": "--select SW2"}, 0, "clean"),
        ({"paths": "shop/service.py shop/__init__.py"}, 3, "nothing"),
        ({"paths": "nowhere; echo stolen"}, 2, "error"),
        ({"arguments": "--select $(echo SW2)"}, 2, "error"),
    ],
)
def test_the_action_passes_its_inputs_on_as_they_are(
    inputs: dict[str, str], status: int, result: str, shop: Project
) -> None:
    code, out, written = act(shop, **inputs)

    assert (code, written["GITHUB_OUTPUT"]) == (status, f"result={result}\n")
    assert "stolen" not in out


def test_the_action_leaves_the_paths_to_the_configuration(shop: Project) -> None:
    shop.write("pyproject.toml", "[tool.shipworthy]\npaths = ['shop/service.py']")

    assert act(shop)[0] == 3
    assert act(shop, paths="shop")[0] == 1


def test_the_action_tells_what_a_branch_adds_and_writes_sarif(shop: Project) -> None:
    shop.git("init", "-q")
    shop.commit()

    status, _, _ = act(shop, base="HEAD", sarif="out/shipworthy.sarif")

    assert status == 0
    assert '"version": "2.1.0"' in shop.read("out/shipworthy.sarif")


def test_what_the_action_uses_is_pinned_to_a_commit() -> None:
    used = [each["uses"] for each in ACTION["runs"]["steps"] if "uses" in each]

    assert used
    assert all(len(each.partition("@")[2]) == 40 for each in used)


@pytest.mark.usefixtures("shop")
def test_the_hook_runs_a_command_that_exists_on_the_whole_project() -> None:
    program, *arguments = HOOK["entry"].split()

    assert program == "shipworthy"
    assert HOOK["pass_filenames"] is False
    assert main(arguments) == 1
    assert (ROOT / HOOK["additional_dependencies"][0] / "pyproject.toml").exists()
