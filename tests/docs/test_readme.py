"""The README's session, run as a stranger runs it: a new database, the development server, bash and curl."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.serving import ROOT, Server, free_port, wait_until_alive

PATIENCE = 60  # seconds until a wait is given up; no assertion depends on it
END = "--- end of block ---"
# A block of shell lines, and the block of output right after it if there is one.
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@pytest.fixture
def server() -> Iterator[Server]:
    """`python -m dev.run` with a data folder of its own that nothing survives in."""
    port = free_port()
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = inherited | {"PORT": str(port), "PYTHONPATH": str(ROOT)}
    (ROOT / ".local").mkdir(exist_ok=True)
    # Not below /tmp: PostgreSQL runs as another user when root starts it, and must get into the folder.
    with TemporaryDirectory(dir=ROOT / ".local", prefix="readme-") as folder:
        command = [sys.executable, "-m", "dev.run"]
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)  # noqa: S603 - our own
        server = Server(f"http://127.0.0.1:{port}", process, log)
        try:
            wait_until_alive(server)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def pattern(expected: str) -> str:
    """Matches the output; an ellipsis stands for anything within a value."""
    return r"[^\"\s]+".join(re.escape(part) for part in expected.strip().split("…"))


def test_the_session_of_the_readme_goes_as_it_says(server: Server) -> None:
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    script = f"\necho '{END}'\n".join(commands for commands, _ in blocks).replace(
        "http://127.0.0.1:8000", server.url
    )

    finished = subprocess.run(  # noqa: S603 - our own script
        ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607 - and the reader's own bash
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert (finished.returncode, finished.stderr) == (0, "")
    for output, (commands, expected) in zip(finished.stdout.split(END), blocks, strict=True):
        said = output.replace("\r", "").strip()
        assert re.fullmatch(pattern(expected), said), f"{commands}\nexpected:\n{expected}\ngot:\n{said}"
