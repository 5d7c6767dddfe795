"""The README's session, run as a stranger runs it: a new database, the development server, bash and curl."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.processes import PATIENCE, ROOT, Service, environment, free_port, started

END = "--- end of block ---"
# A block of shell lines, and the block of output right after it if there is one.
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@pytest.fixture
def server() -> Iterator[Service]:
    """`python -m dev.run` with a data folder of its own that nothing survives in."""
    port = free_port()
    (ROOT / ".local").mkdir(exist_ok=True)
    # Not below /tmp: PostgreSQL runs as another user when root starts it, and must get into the folder.
    with (
        TemporaryDirectory(dir=ROOT / ".local", prefix="readme-") as folder,
        started(["-m", "dev.run"], port, environment(PORT=str(port)), Path(folder)) as server,
    ):
        yield server


def pattern(expected: str) -> str:
    """Matches the output; an ellipsis stands for anything within a value."""
    return r"[^\"\s]+".join(re.escape(part) for part in expected.strip().split("…"))


def test_the_session_of_the_readme_goes_as_it_says(server: Service) -> None:
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
