"""The files of an older commit, to see what a branch adds. Nothing of the repository is changed."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shipworthy.check.selection import UsageError

# What the checker reads: code, and the files that say which libraries are in use.
READ = {".py", ".toml", ".txt", ".in", ".cfg", ".lock"}


@dataclass(frozen=True)
class Repository:
    """A checkout."""

    top: Path

    def git(self, *arguments: str, given: str | None = None) -> bytes:
        """What git answers."""
        program = shutil.which("git")
        if not program:
            raise UsageError("--diff needs git")
        command = [program, "-C", str(self.top), *arguments]
        entered = given.encode() if given is not None else None
        done = subprocess.run(command, input=entered, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
            raise UsageError(f"--diff: {reason[-1]}")
        return done.stdout

    def base(self, name: str) -> str:
        """Where the branch left a commit; the commit itself if no history is shared, as in shallow clones."""
        commit = self.git("rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").decode().strip()
        try:
            return self.git("merge-base", commit, "HEAD").decode().strip()
        except UsageError:
            return commit

    def blobs(self, commit: str) -> Iterator[tuple[str, str]]:
        """The path and the object of each file that the checker may read."""
        for line in self.git("ls-tree", "-r", "-z", commit).decode(errors="surrogateescape").split("\0"):
            mode, _, rest = line.partition(" ")
            kind, _, path = rest.partition("\t")
            if mode.startswith("100") and Path(path).suffix in READ:
                yield path, kind.split()[1]

    def renamed(self, commit: str) -> Iterator[tuple[str, str]]:
        """The old and the new path of each file that has moved since."""
        told = self.git("diff", "--name-status", "--find-renames", "--diff-filter=R", "-z", commit)
        words = told.decode(errors="surrogateescape").split("\0")
        yield from zip(words[1::3], words[2::3], strict=False)

    def export(self, commit: str, target: Path) -> None:
        """Write those files below a folder, one that has moved to its new place as well.

        Objects are read as they are, without filters.
        """
        blobs = list(self.blobs(commit))
        moved = dict(self.renamed(commit))
        answer = io.BytesIO(self.git("cat-file", "--batch", given="".join(f"{name}\n" for _, name in blobs)))
        for path, _ in blobs:
            content = answer.read(int(answer.readline().split()[2]))
            answer.read(len("\n"))
            for name in {path, moved.get(path, path)}:
                file = target / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)


def repository(folder: Path) -> Repository:
    """The checkout that a folder is in."""
    return Repository(
        Path(Repository(folder).git("rev-parse", "--show-toplevel").decode().rstrip("\n")).resolve()
    )
