"""Which files are request code, and what their modules are called."""

import os
from collections.abc import Iterator
from pathlib import Path

# Not request code, or not the project's own.
BESIDE = ("test_", "test-", "conftest", "example_")
SKIPPED = {"tests", "test", "migrations", "alembic", "scripts", "examples", "node_modules", "site-packages"}


def python_files(root: Path, skipped: list[Path]) -> Iterator[Path]:
    """The files of request code below a folder; what is left out is noted."""
    if root.is_file():
        yield root
        return
    for entry in sorted(os.scandir(root), key=lambda each: each.name):
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if is_foreign(path):
                skipped.append(path)
            else:
                yield from python_files(path, skipped)
        elif entry.name.endswith(".py") and entry.is_file():
            if entry.name.startswith(BESIDE) or path.stem.endswith("_example"):
                skipped.append(path)
            else:
                yield path


def is_foreign(folder: Path) -> bool:
    """Whether a folder holds tests, scripts or other people's code."""
    return folder.name in SKIPPED or folder.name.startswith(".") or (folder / "pyvenv.cfg").exists()


def modules(roots: list[Path], skipped: list[Path]) -> Iterator[tuple[Path, str]]:
    """Every file once, with the path of its module from the folder that holds all roots."""
    places = {root: root.absolute() for root in roots}
    homes = [place.parent if is_package(place) else place for place in places.values()]
    base = Path(os.path.commonpath(homes)) if homes else Path()
    seen: set[tuple[str, ...]] = set()
    for root, place in places.items():
        above = place.relative_to(base).parts
        for path in python_files(root, skipped):
            parts = above + path.parts[len(root.parts) :]
            if parts not in seen:
                seen.add(parts)
                yield path, module_name(parts)


def is_package(place: Path) -> bool:
    """Whether its own name is part of the names of its modules."""
    return place.is_file() or (place / "__init__.py").exists()


def module_name(parts: tuple[str, ...]) -> str:
    """`shop.routers.items`."""
    *packages, last = parts
    name = last.rpartition(".")[0] or last
    return ".".join(packages if name == "__init__" and packages else [*packages, name])
