"""A run of a few seconds, with the real service, a real database and real load."""

import asyncio
import json
import subprocess
import sys
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bench import database, proc
from bench.lineup import SERVICE, Contender
from bench.load import command
from bench.measure import Plan, Run
from bench.samples import Cell
from bench.servers import running
from bench.workloads import Request, lines

FILES = Contender(
    "files", "a file server", lambda: [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
)
BROKEN = Contender("broken", "", lambda: [sys.executable, "-c", "raise SystemExit('Error: no licence')"])


@pytest.fixture(scope="module")
def filled(server_url: str) -> Iterator[str]:
    with database.seeded(server_url, 200) as url:
        yield url


def test_a_run_measures_who_answers_rightly_and_names_who_does_not(filled: str) -> None:
    cells = [Cell("W5", 2), Cell("W4", 2)]
    run = Run(filled, Plan(rounds=1, seconds=0.5, cells=cells))

    run.measure([SERVICE, FILES, BROKEN])

    assert [(each.contender, each.cell) for each in run.samples] == [("service", cell) for cell in cells]
    for sample in run.samples:
        assert sample.load.requests > 0
        assert sample.load.errors == 0
        assert 0 < sample.cpu < sample.load.seconds * 2
        assert sample.database > 0
        assert sample.memory.rss >= sample.memory.pss > 20
    assert run.missing["files"].startswith("/api/v1/items is 404")
    assert run.missing["broken"] == "does not start: Error: no licence"


async def test_our_own_client_counts_what_waited_behind_a_slow_answer(tmp_path: Path) -> None:
    file = tmp_path / "requests"
    file.write_text(lines([Request("GET", "/")]))
    pauses, closed = iter([0.5]), asyncio.Event()

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError, IncompleteReadError), closing(writer):  # it may leave before an answer
            while await reader.readline():
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(next(pauses, 0))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        closed.set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        words = command(f"http://127.0.0.1:{port}", str(file), connections=1, seconds=2, rate=50)
        client = await asyncio.create_subprocess_exec(*words, stderr=subprocess.PIPE)
        _, said = await client.communicate()
        await closed.wait()

    found = json.loads(said)
    assert found["errors"] == 0
    assert 60 < found["requests"] <= 101
    assert found["p99"] > 400  # milliseconds; the one slow answer alone would be less than 2 %


def test_the_process_that_listens_is_found() -> None:
    with running(FILES, "unused") as server:
        assert proc.listeners(server.port) == server.pids()
        assert proc.cpu_seconds(server.pids()) > 0
