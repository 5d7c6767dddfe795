"""Which version of a library a project asks for, as its manifests say."""

import fnmatch
import os
import re
from functools import cache
from pathlib import Path

MANIFESTS = ("pyproject.toml", "requirements*.txt", "requirements/*.txt", "setup.cfg", "setup.py", "Pipfile")
LEVELS = 5  # folders above a file that may hold its manifest


@cache
def manifests(folder: Path) -> tuple[str, ...]:
    """The texts of the manifests nearest to a folder."""
    return next(filter(None, map(texts, around(folder))), ())


def around(folder: Path) -> list[Path]:
    """The folders whose manifests a folder may go by, itself first."""
    return [folder, *folder.parents][:LEVELS]


@cache
def texts(folder: Path) -> tuple[str, ...]:
    """The texts of the manifests in a folder."""
    names = listed(folder)
    found: list[Path] = []
    for pattern in MANIFESTS:
        inner, _, last = pattern.rpartition("/")
        holder = folder / inner
        there = names if not inner else listed(holder) if inner in names else []
        found += (holder / name for name in sorted(fnmatch.filter(there, last)))
    return tuple(path.read_text(errors="replace") for path in found if path.is_file())


def listed(folder: Path) -> list[str]:
    """The names in a folder, none if it cannot be read."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - only the names are needed, and many folders are asked
    except OSError:
        return []


def keeps_below(library: str, path: Path, version: tuple[int, ...]) -> bool:
    """Whether the project of a file keeps a library below a version, and has nothing that came with it."""
    return any(each < version for each in highest(library, path.parent))


@cache
def highest(library: str, folder: Path) -> tuple[tuple[int, ...], ...]:
    """The versions that a project does not go beyond: `==0.115.2`, `^0.115`, `~=0.115.2`, `<0.116`."""
    named = re.compile(rf'^[\s"\']*{library}(?![\w-])', re.MULTILINE | re.IGNORECASE)
    asked = re.compile(
        rf'^[\s"\']*{library}(?:\[[^\]]*\])?["\']?\s*(?:=\s*)?(?:\{{[^}}\n]*version\s*=\s*)?["\']?\s*'
        r"(?:(?:==|\^|=)\s*|~=?\s*(?=\d+\.\d+\.\d)|(?:>=?[^#\n;<]*)?<=?\s*)?(\d+)\.(\d+)",
        re.MULTILINE | re.IGNORECASE,
    )
    for each in around(folder):
        if any(named.search(text) for text in texts(each)):
            found = [match for text in texts(each) for match in asked.finditer(text)]
            return tuple((int(match[1]), int(match[2])) for match in found)
    return ()


def wants_first(library: str, path: Path) -> bool:
    """Whether the project of a file keeps a library below its second version."""
    return asks_first(library, path.parent)


@cache
def asks_first(library: str, folder: Path) -> bool:
    """The same, of a folder."""
    asked = re.compile(
        rf'^[\s"\']*{library}(?:\[[^\]]*\])?(?![\w-])["\']?\s*(?:=\s*(?:\{{[^}}]*version\s*=\s*)?["\'])?\s*'
        r"(?:(?:==|~=|\^|~|=)?\s*1\.\d|[^#\n;]*<=?\s*(?:2(?:\.0)*(?![\d.])|1\.))",
        re.MULTILINE | re.IGNORECASE,
    )
    return any(asked.search(text) for text in manifests(folder))
