"""The command line: every mistake is one clear line, and no line says a secret."""

import json
import socket
from collections.abc import Iterator

import asyncpg
import pytest
from click.testing import CliRunner, Result
from httpx2 import AsyncClient

from app.cli import main
from app.core.revisions import head
from tests.processes import DEVELOPMENT, assert_one_clear_line, environment, free_port, run, run_afresh
from tests.support import PASSWORD, on_database

SECRET = "hunter2-is-a-secret"
APP = ["-m", "app"]
CREATE_ADMIN = [*APP, "create-admin", "--email", "grace@example.com"]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_help_names_every_command() -> None:
    result = run_afresh([*APP, "--help"], environment())

    assert result.returncode == 0
    for command in ("serve", "worker", "jobs", "migrate", "create-admin", "openapi"):
        assert f"\n  {command} " in result.stdout


def test_the_openapi_document_needs_no_environment() -> None:
    result = run([*APP, "openapi"], environment())

    assert (result.returncode, result.stderr) == (0, "")
    assert "/api/v1/items" in json.loads(result.stdout)["paths"]


async def test_migrate_then_create_admin_makes_somebody_who_can_log_in(
    anonymous: AsyncClient, database: asyncpg.Connection, database_url: str
) -> None:
    env = environment(database_url, **DEVELOPMENT, ADMIN_PASSWORD=PASSWORD)

    migrated = run_afresh([*APP, "migrate"], env)
    created = run(CREATE_ADMIN, env)

    assert (migrated.returncode, migrated.stdout) == (0, f"The database is at {head()}.\n")
    assert (created.returncode, created.stdout) == (0, "grace@example.com is an administrator.\n")
    form = {"username": "grace@example.com", "password": PASSWORD}
    assert (await anonymous.post("/auth/token", data=form)).status_code == 200
    assert await database.fetchval("SELECT role FROM users WHERE email = $1", form["username"]) == "admin"


async def test_create_admin_asks_for_the_password_when_none_is_set(
    database: asyncpg.Connection, database_url: str
) -> None:
    result = run_afresh(CREATE_ADMIN, environment(database_url, **DEVELOPMENT), input=f"{PASSWORD}\n")

    assert result.returncode == 0, result.stderr
    assert PASSWORD not in result.stdout + result.stderr
    assert await database.fetchval("SELECT count(*) FROM users") == 1


async def test_an_address_is_an_administrator_only_once(
    database: asyncpg.Connection, database_url: str
) -> None:
    env = environment(database_url, **DEVELOPMENT, ADMIN_PASSWORD=PASSWORD)
    run(CREATE_ADMIN, env)

    assert_one_clear_line(run(CREATE_ADMIN, env), "This address is already registered.")
    assert await database.fetchval("SELECT count(*) FROM users") == 1


@pytest.mark.parametrize(
    ("password", "explanation"), [("hunter2", "15 to 256 characters"), ("hunter2" * 3, "easy to guess")]
)
def test_a_bad_password_makes_no_administrator(database_url: str, password: str, explanation: str) -> None:
    result = run(CREATE_ADMIN, environment(database_url, **DEVELOPMENT, ADMIN_PASSWORD=password))

    assert_one_clear_line(result, explanation)
    assert password not in result.stderr


def test_create_admin_before_the_first_migration_says_what_to_do(fresh_database_url: str) -> None:
    result = run(CREATE_ADMIN, environment(fresh_database_url, **DEVELOPMENT, ADMIN_PASSWORD=PASSWORD))

    assert_one_clear_line(result, 'relation "users" does not exist', "migrate")


@pytest.mark.parametrize("command", [["migrate"], ["create-admin", "--email", "grace@example.com"]])
def test_a_database_that_is_away_is_one_clear_line(command: list[str]) -> None:
    url = f"postgresql://postgres:{SECRET}@127.0.0.1:{free_port()}/shop"

    result = run([*APP, *command], environment(url, **DEVELOPMENT, ADMIN_PASSWORD=PASSWORD))

    assert_one_clear_line(result, "Connect call failed")
    assert SECRET not in result.stderr


def test_a_database_that_says_nothing_is_given_up(taken_port: int) -> None:
    url = f"postgresql://postgres:{SECRET}@127.0.0.1:{taken_port}/shop"

    result = run([*APP, "migrate"], environment(url, **DEVELOPMENT, APP_DB_CONNECT_TIMEOUT="0.2"))

    assert_one_clear_line(result, "cannot migrate", "TimeoutError")


def test_migrating_to_an_unknown_revision_is_one_clear_line(database_url: str) -> None:
    result = run([*APP, "migrate", "--to", "7777"], environment(database_url, **DEVELOPMENT))

    assert_one_clear_line(result, "7777")


def test_an_unknown_database_is_named(database_url: str) -> None:
    result = run([*APP, "migrate"], environment(on_database(database_url, "nowhere"), **DEVELOPMENT))

    assert_one_clear_line(result, 'database "nowhere" does not exist')


def test_serve_refuses_a_port_that_is_taken(database_url: str, taken_port: int) -> None:
    command = [*APP, "serve", "--port", str(taken_port)]

    result = run(command, environment(database_url, **DEVELOPMENT))

    assert_one_clear_line(result, f"cannot listen on 127.0.0.1:{taken_port}", "in use")


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://root:{SECRET}@localhost/shop",
        f"postgresql://postgres:{SECRET}/{SECRET}@localhost/shop",
        f"postgresql://postgres:{SECRET}#@localhost/shop",
        f"postgresql://postgres:{SECRET}@localhost:99999/shop",
        f"postgresql://postgres:{SECRET}@[::1/shop",
        SECRET,
    ],
)
def test_a_malformed_database_url_is_refused_without_repeating_it(url: str) -> None:
    result = migrate_with({"DATABASE_URL": url})

    assert_refusal(result, "DATABASE_URL must look like postgresql://")


@pytest.mark.parametrize(
    ("setting", "explanation"),
    [
        ({"APP_DB_POOLSIZE": SECRET}, "APP_DB_POOLSIZE is not a setting"),
        ({"APP_DB": SECRET}, 'error parsing value for field "db"'),
        ({"APP_DB_POOL_SIZE": SECRET}, "APP_DB_POOL_SIZE Input should be a valid integer"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(setting: dict[str, str], explanation: str) -> None:
    result = migrate_with({"DATABASE_URL": "postgresql://localhost/shop"} | setting)

    assert_refusal(result, explanation)


@pytest.mark.parametrize("setting", [{}, {"DATABASE_URL": ""}])
def test_a_missing_database_url_is_named(setting: dict[str, str]) -> None:
    assert_refusal(migrate_with(setting), "DATABASE_URL is not set")


def migrate_with(setting: dict[str, str]) -> Result:
    """The command in this process, for the many mistakes that are found before anything is started."""
    return CliRunner().invoke(main, ["migrate"], env=DEVELOPMENT | {"DATABASE_URL": None} | setting)


def assert_refusal(result: Result, explanation: str) -> None:
    """It did not start: a heading, then one line for the one mistake, and no value of a setting."""
    assert result.exit_code == 1
    heading, *mistakes = result.stderr.splitlines()
    assert heading == "Error: refusing to start:"
    assert len(mistakes) == 1, result.stderr
    assert mistakes[0].startswith(f"  - {explanation}")
    assert SECRET not in result.stderr


async def test_jobs_are_listed_retried_and_cancelled_by_number(
    database: asyncpg.Connection, database_url: str
) -> None:
    env = environment(database_url, **DEVELOPMENT)
    assert run([*APP, "jobs"], env).stdout == "There are no such jobs.\n"
    dead = await database.fetchval("""
        INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts)
        VALUES ('mail', 'mail.notice', 'failed', 10) RETURNING id
    """)

    listed = run([*APP, "jobs", "list", "--status", "failed", "--queue", "mail"], env)
    retried = run([*APP, "jobs", "retry", str(dead)], env)
    cancelled = run([*APP, "jobs", "cancel", str(dead)], env)

    assert listed.stdout.split() == [str(dead), "failed", "mail", "10", "mail.notice"]
    assert "todo" in retried.stdout
    assert "cancelled" in cancelled.stdout
    assert_one_clear_line(run([*APP, "jobs", "retry", str(dead)], env), "The job is not dead.")
    assert await database.fetchval("SELECT status::text FROM procrastinate_jobs") == "cancelled"
