"""The repositories of the corpus: cloned where the network allows, never committed here."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shipworthy.check.files import modules


class Label(NamedTuple):
    """What a person said about one handler or app, and one practice."""

    repo: str
    commit: str
    file: str
    line: int
    decorator_line: int
    handler: str | None
    practice: str
    violation: bool
    why: str


def labels(path: Path) -> list[Label]:
    """The labels that leave no doubt."""
    read = [json.loads(line) for line in path.read_text().splitlines()]
    return [
        Label(**{name: each.get(name, 0) for name in Label._fields})
        for each in read
        if each["grade"] == "clear"
    ]


def checkouts(folder: Path, pinned: dict[str, str]) -> Iterator[tuple[str, Path]]:
    """Each repository that is there or can be had; the others are told and left out."""
    for repo, commit in sorted(pinned.items()):
        place = folder / repo.replace("/", "+")
        if place.exists() or clone(repo, commit, place):
            yield repo, place
        else:
            sys.stderr.write(f"skipped {repo}: it is not in {folder} and cannot be fetched\n")


def clone(repo: str, commit: str, place: Path) -> bool:
    """Whether the pinned commit could be fetched."""
    url = f"https://github.com/{repo}"
    for command in (
        ["git", "init", "-q", str(place)],
        ["git", "-C", str(place), "fetch", "-q", "--depth", "1", "--filter=blob:limit=4m", url, commit],
        ["git", "-C", str(place), "checkout", "-q", "FETCH_HEAD"],
    ):
        if subprocess.run(command, check=False, timeout=600).returncode:  # noqa: S603 - git, with our own arguments
            subprocess.run(["rm", "-rf", str(place)], check=False)  # noqa: S603, S607 - what we just made
            return False
    return True


def size(place: Path) -> int:
    """The bytes of request code below a folder; tools that read tests and environments, too, read more."""
    return sum(path.stat().st_size for path, _ in modules([place], []))


def span(place: Path, label: Label) -> range:
    """The lines of a labelled handler, from its first decorator to its end, read from the indentation."""
    lines = (place / label.file).read_text(errors="replace").split("\n")
    head = lines[label.line - 1]
    margin, end, signature = len(head) - len(head.lstrip()), label.line, True
    for number, line in enumerate(lines[label.line :], label.line + 1):
        written = line.strip()
        if written and len(line) - len(line.lstrip()) <= margin and not signature:
            break
        signature = signature and not lines[number - 2].split("#")[0].rstrip().endswith(":")
        end = number
    return range(label.decorator_line or label.line, end + 1)
