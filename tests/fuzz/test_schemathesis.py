"""Schemathesis throws generated requests at every documented route, and follows what they create."""

import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.processes import Service, serving
from tests.support import Person

pytestmark = pytest.mark.fuzz
SECONDS = 300
# Some rules no JSON schema can say: which passwords are easy to guess, that price and currency go together,
# which cursors are ours. So a 4xx for a request that fits the schema is no defect; everything else is.
NOT_CHECKED = "positive_data_acceptance"


@pytest.mark.parametrize("who", ["admin", "user", "nobody"])
async def test_no_request_gets_a_5xx_or_an_answer_that_is_not_documented(
    database_url: str, database: asyncpg.Connection, tmp_path: Path, who: str
) -> None:
    with serving(database_url) as server:
        authorization = await _log_in(server, database, who)

        run = subprocess.run(  # noqa: ASYNC221, S603 - our own command, and nothing else runs here
            _command(server, authorization), cwd=tmp_path, capture_output=True, timeout=SECONDS, check=False
        )

        assert run.returncode == 0, run.stdout.decode() + run.stderr.decode()


async def _log_in(server: Service, database: asyncpg.Connection, who: str) -> str:
    if who == "nobody":
        return ""
    async with server.client() as client:
        person = Person("Ada", client)
        await client.post("/users", json=person.registration)
        await database.execute("UPDATE users SET role = $1", who)
        await person.log_in()
        return str(client.headers["Authorization"])


def _command(server: Service, authorization: str) -> list[str]:
    options = ["--max-examples", "30", "--generation-deterministic", "--continue-on-failure", "--no-color"]
    phases = ["--phases", "examples,coverage,fuzzing,stateful", "--exclude-checks", NOT_CHECKED]
    header = ["--header", f"Authorization: {authorization}"] if authorization else []
    tool = str(Path(sys.executable).with_name("schemathesis"))
    return [tool, "run", f"{server.url}/openapi.json", *options, *phases, *header]
