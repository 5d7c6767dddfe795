"""Which version of a library a project asks for, as its manifests say."""

import re
from functools import cache
from pathlib import Path

MANIFESTS = ("pyproject.toml", "requirements*.txt", "requirements/*.txt", "setup.cfg", "setup.py", "Pipfile")
LEVELS = 5  # folders above a file that may hold its manifest


@cache
def manifests(folder: Path) -> tuple[str, ...]:
    """The texts of the manifests nearest to a folder."""
    for each in [folder, *folder.parents][:LEVELS]:
        found = [path for pattern in MANIFESTS for path in sorted(each.glob(pattern)) if path.is_file()]
        if found:
            return tuple(path.read_text(errors="replace") for path in found)
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
