"""The table `[tool.shipworthy]` of a `pyproject.toml`."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from shipworthy.check.selection import UsageError


@dataclass(frozen=True)
class Config:
    """What a project has settled; paths in it are relative to `root`."""

    root: Path
    paths: list[str] = field(default_factory=list)
    select: list[str] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    per_path_ignores: dict[str, list[str]] = field(default_factory=dict)
    pedantic: bool = False
    deploy: bool = False
    baseline: str | None = None
    app: str | None = None
    python: str | None = None


def is_texts(value: object) -> bool:
    """Whether it is an array of strings."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def is_table(value: object) -> bool:
    """Whether it is a table of arrays of strings."""
    return isinstance(value, dict) and all(map(is_texts, value.values()))


def is_switch(value: object) -> bool:
    """Whether it is true or false."""
    return isinstance(value, bool)


def is_text(value: object) -> bool:
    """Whether it is a string."""
    return isinstance(value, str)


TEXTS, TABLE = ("an array of strings", is_texts), ("a table of arrays of strings", is_table)
SWITCH, TEXT = ("true or false", is_switch), ("a string", is_text)
KEYS: dict[str, tuple[tuple[str, Callable[[object], bool]], str]] = {
    "paths": (TEXTS, "what to check if the command names no path"),
    "select": (TEXTS, "only these rules: codes, their beginnings, names"),
    "ignore": (TEXTS, "not these rules"),
    "exclude": (TEXTS, "folders or globs that are read but not told"),
    "per-path-ignores": (TABLE, "rules that are not told for a folder or a glob"),
    "pedantic": (SWITCH, "as `--pedantic`"),
    "deploy": (SWITCH, "as `--deploy`"),
    "baseline": (TEXT, "the file of the baseline"),
    "app": (TEXT, "as `--app`"),
    "python": (TEXT, "as `--python`"),
}


def load_config(start: Path, named: Path | None = None) -> Config:
    """The file that is named, or the nearest `pyproject.toml` above that has the table."""
    if named:
        return parse(named, table(named) or {})
    folder = start.resolve()
    for parent in [folder, *folder.parents]:
        file = parent / "pyproject.toml"
        if file.is_file() and (found := table(file)) is not None:
            return parse(file, found)
    return Config(root_of(folder))


def root_of(folder: Path) -> Path:
    """Without a table: the repository, or the project, or the working directory if it is above."""
    for mark in (".git", "pyproject.toml"):
        found = next((each for each in [folder, *folder.parents] if (each / mark).exists()), None)
        if found:
            return found
    here = Path.cwd().resolve()
    return here if folder.is_relative_to(here) else folder if folder.is_dir() else folder.parent


def table(file: Path) -> dict[str, Any] | None:
    """The table, if the file has it."""
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: {error}") from None
    tools = document.get("tool")
    found = tools.get("shipworthy") if isinstance(tools, dict) else None
    if found is not None and not isinstance(found, dict):
        raise UsageError(f"{file}: [tool.shipworthy] is not a table")
    return found


def parse(file: Path, found: dict[str, Any]) -> Config:
    """The table as a `Config`; a key or a value that means nothing is an error."""
    for key, value in found.items():
        if key not in KEYS:
            close = get_close_matches(key, KEYS, 1)
            hint = f"; do you mean {close[0]!r}?" if close else f"; there are {', '.join(KEYS)}"
            raise UsageError(f"{file}: [tool.shipworthy] has no key {key!r}{hint}")
        (kind, fits), _ = KEYS[key]
        if not fits(value):
            raise UsageError(f"{file}: {key!r} of [tool.shipworthy] must be {kind}")
    return Config(file.resolve().parent, **{key.replace("-", "_"): value for key, value in found.items()})


def fits_path(path: str, pattern: str) -> bool:
    """Whether a path relative to the root is meant by a glob or lies below a folder."""
    return fnmatch(path, pattern) or path.startswith(pattern.rstrip("/") + "/")
