"""Clients generated from openapi.json, type-checked and run against the real service."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from dev.clients import CLIENTS, NODE, PYTHON
from tests.processes import ROOT, Service, serving
from tests.support import PASSWORD

pytestmark = pytest.mark.clients
HERE = Path(__file__).parent
ARGUMENTS = ("ada@example.com", PASSWORD)


@pytest.fixture
def server(database_url: str, database: asyncpg.Connection) -> Iterator[Service]:
    assert database
    with serving(database_url) as server:
        yield server


def run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> None:
    """Fails with what the command said."""
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=cwd, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_python_client_is_typed_and_works(server: Service) -> None:
    package = CLIENTS / "python"
    strict = ("--strict", "--config-file=", "--cache-dir", PYTHON.parents[1] / "mypy")

    run(
        sys.executable,
        *("-m", "mypy", *strict, "--python-executable", PYTHON, HERE / "flow.py"),
        MYPYPATH=str(package),
    )
    run(PYTHON, HERE / "flow.py", server.url, *ARGUMENTS, PYTHONPATH=str(package))


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm")
def test_the_typescript_client_is_typed_and_works(server: Service) -> None:
    folder = CLIENTS / "typescript"
    shutil.copy(HERE / "flow.ts", folder)
    target = ("--target", "es2022", "--module", "nodenext", "--types", "node")

    run(NODE / "node_modules/.bin/tsc", "--strict", *target, "flow.ts", cwd=folder)
    run(shutil.which("node") or "node", "flow.js", server.url, *ARGUMENTS, cwd=folder)
