from pathlib import Path

import pytest
from shipworthy.check.cli import main

from packages.shipworthy.tests.projects import MAIN, SERVICE, Outcome, Project, Run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIPWORTHY_CACHE", "off")
    for name in ("NO_COLOR", "FORCE_COLOR", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").touch()
    return Project(tmp_path)


@pytest.fixture
def shop(project: Project) -> Project:
    """A project of two routes, one of which blocks two calls away."""
    project.write("shop/__init__.py", "")
    project.write("shop/service.py", SERVICE)
    project.write("shop/main.py", MAIN)
    return project


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as the shell would."""

    def command(*arguments: str) -> Outcome:
        capsys.readouterr()
        status = main(list(arguments))
        told = capsys.readouterr()
        return Outcome(status, told.out, told.err)

    return command
