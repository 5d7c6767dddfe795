"""`make run`: all of it on a machine that has nothing, or one clear line, and nothing left running."""

import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest

from tests.forked import Forked
from tests.processes import (
    PLAIN,
    ROOT,
    Service,
    Start,
    assert_one_clear_line,
    begin,
    environment,
    free_port,
    run,
    started,
)
from tests.support import PASSWORD, on_database

RUN = ["-m", "dev.run"]
DATA = Path(".local/postgres")
CHEAP = {"APP_AUTH_ARGON2_MEMORY_KIB": "8", "APP_AUTH_ARGON2_PASSES": "1"}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder to run in. Under .local, because PostgreSQL runs as another user when root starts it."""
    parent = ROOT / ".local"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix="run-"))
    yield folder
    shutil.rmtree(folder)


def test_it_prints_a_login_that_works_and_links_that_answer(home: Path) -> None:
    with running_in(home, start=begin) as service:
        told = {line[:12].strip(): line[12:] for line in service.printed()}
        email, password = told["log in"].split(" / ")

        assert log_in(service, email, password) == 200
        assert told["docs"] == f"{service.url}/docs"
        assert told["health"].split()[0] == f"{service.url}/health/ready"
        assert told["api"] == f"{service.url}/api/v1"
        assert httpx2.get(told["docs"], verify=PLAIN).status_code == 200
        assert httpx2.get(f"{told['admin']}/login", verify=PLAIN).status_code == 200
        assert service.get("/health/ready").status_code == 200


async def test_a_second_start_keeps_the_data_and_makes_no_second_administrator(home: Path) -> None:
    with running_in(home, ADMIN_EMAIL="grace@example.com", ADMIN_PASSWORD=PASSWORD) as service:
        assert await service.stop() == 0

    with running_in(home, ADMIN_EMAIL="grace@example.com", ADMIN_PASSWORD=PASSWORD[::-1]) as service:
        assert log_in(service, "grace@example.com", PASSWORD) == 200
        assert log_in(service, "grace@example.com", PASSWORD[::-1]) == 401


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_stops_the_service_and_its_database(home: Path, number: signal.Signals) -> None:
    with running_in(home) as service:
        assert (home / DATA / "postmaster.pid").exists()

        assert await service.stop(number) == 0

        assert service.stderr.read_text() == ""
        assert not (home / DATA / "postmaster.pid").exists()  # which PostgreSQL removes last of all


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        result = run(RUN, environment(PORT=str(port)), cwd=tmp_path)

    assert_one_clear_line(result, "error: ", f"127.0.0.1:{port}", "in use")


@pytest.mark.parametrize(
    ("setting", "explanation"),
    [
        ({"PORT": "eighty"}, "PORT must be a number from 1 to 65535, not 'eighty'"),
        ({"PORT": "65536"}, "PORT must be a number"),
        ({"ADMIN_PASSWORD": "hunter2"}, "ADMIN_PASSWORD: A password has 15 to 256 characters"),
        ({"ADMIN_PASSWORD": "hunter2" * 3}, "easy to guess"),
        ({"ADMIN_EMAIL": "grace"}, "ADMIN_EMAIL: Input should be an email address"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(
    fresh_database_url: str, tmp_path: Path, setting: dict[str, str], explanation: str
) -> None:
    env = environment(fresh_database_url, **CHEAP | {"PORT": str(free_port())} | setting)

    assert_one_clear_line(run(RUN, env, cwd=tmp_path), "error: ", explanation)


def test_an_unreachable_database_is_one_clear_line(tmp_path: Path) -> None:
    url = f"postgresql://postgres:hunter2@127.0.0.1:{free_port()}/shop"

    result = run(RUN, environment(url, PORT=str(free_port())), cwd=tmp_path)

    assert_one_clear_line(result, "error: cannot use the database: ", "Connect call failed")
    assert "hunter2" not in result.stderr


def test_an_unknown_database_is_one_clear_line(server_url: str, tmp_path: Path) -> None:
    env = environment(on_database(server_url, "nowhere"), PORT=str(free_port()))

    assert_one_clear_line(run(RUN, env, cwd=tmp_path), "error: ", 'database "nowhere" does not exist')


def test_an_unsupported_python_is_one_clear_line(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" || exit 1\n')
    old.chmod(0o755)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").touch()
    command = ["make", "-s", "-f", str(ROOT / "Makefile"), f"PYTHON={old}", "run"]

    result = subprocess.run(  # noqa: S603 - our own command
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )

    assert result.returncode != 0
    assert result.stdout == ""
    line, *made = result.stderr.splitlines()
    assert line.startswith(f"error: Python 3.11 or newer is needed; '{old}' is Python 3.9.2.")
    assert [each for each in made if not each.startswith("make: ***")] == []


def log_in(service: Service, email: str, password: str) -> int:
    """The status of an attempt."""
    form = {"username": email, "password": password}
    return httpx2.post(f"{service.url}/api/v1/auth/token", data=form, verify=PLAIN).status_code


def running_in(folder: Path, *, start: Start = Forked, **changes: str) -> AbstractContextManager[Service]:
    """`make run` in a folder of its own: its data, and no `.env` of the developer's."""
    port = free_port()
    return started(RUN, port, environment(**CHEAP | {"PORT": str(port)} | changes), cwd=folder, start=start)
