"""Projects to be checked, and the command that checks them."""

import subprocess
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SERVICE = """
    import time


    class Users:
        def names(self):
            return self.rows()

        def rows(self):
            time.sleep(1)
            return ["Ada"]
"""
MAIN = """
    import asyncio

    from fastapi import FastAPI

    from .service import Users

    app = FastAPI()
    users = Users()


    @app.get("/users")
    async def list_users() -> list[str]:
        await asyncio.sleep(0)
        return users.names()


    @app.get("/health")
    def health() -> str:
        return "ok"
"""


@dataclass
class Project:
    """A folder that is the working directory."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
        return path

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True, capture_output=True)  # noqa: S603, S607

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "Say what changed")


@dataclass
class Outcome:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes of a report in the concise format."""
        words = [line.split() for line in self.out.splitlines()]
        return [each[1] for each in words if len(each) > 1 and each[0].count(":") == 3]


Run = Callable[..., Outcome]
