"""The README's session, run as a stranger runs it: a new database, the development server, bash and curl."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest

from dev.docs import ROOT

PATIENCE = 60  # seconds until a wait is given up; no assertion depends on it
END = "--- end of block ---"
# A block of shell lines, and the block of output right after it if there is one.
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@pytest.fixture
def api() -> Iterator[str]:
    """`python -m dev.run` on a free port, with a data folder of its own that nothing survives in."""
    (ROOT / ".local").mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    ours = {"PORT": address.rpartition(":")[2], "PYTHONPATH": str(ROOT)}
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # Not below /tmp: PostgreSQL runs as another user when root starts it, and must get into the folder.
    with TemporaryDirectory(dir=ROOT / ".local", prefix="readme-") as folder:
        command = [sys.executable, "-m", "dev.run"]
        log = Path(folder, "log")
        with log.open("w") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command, cwd=folder, env=inherited | ours, stdout=output, stderr=output
            )
        try:
            wait_until_ready(process, f"http://{address}/health/ready", log)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        try:
            if httpx2.get(url).status_code == httpx2.codes.OK:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(log.read_text())


def pattern(expected: str) -> str:
    """Matches the output; an ellipsis stands for anything within a value."""
    return r"[^\"\s]+".join(re.escape(part) for part in expected.strip().split("…"))


def test_the_session_of_the_readme_goes_as_it_says(api: str) -> None:
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    script = f"\necho '{END}'\n".join(commands for commands, _ in blocks).replace("127.0.0.1:8000", api)

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
