"""What the last runs told, kept in the cache folder of the user under everything that it depends on."""

import os
import stat
import sys
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path

from shipworthy.check.files import modules
from shipworthy.check.finding import Report
from shipworthy.check.packed import packed, unpacked
from shipworthy.check.pins import around, texts

MOST = 64  # runs that are kept
OWN = Path(__file__).parent
OTHERS = stat.S_IWGRP | stat.S_IWOTH


def remembered(paths: list[Path], context: object, make: Callable[[], Report]) -> Report:
    """What was made of the same files in the same way before, or else is made now."""
    folder = home()
    if not folder:
        return make()
    place = folder / f"{fingerprint(paths, context)}.json"
    try:
        kept = unpacked(Report, place.read_text(encoding="utf-8"))
        place.touch()
    except (OSError, ValueError, TypeError, RecursionError):  # what cannot be read is made again
        kept = make()
        keep(place, kept)
    return kept


def home() -> Path | None:
    """The folder, unless `SHIPWORTHY_CACHE` names another or is `off`."""
    chosen = os.environ.get("SHIPWORTHY_CACHE")
    if chosen == "off":
        return None
    above = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(chosen) if chosen else Path(above) / "shipworthy"
    return folder if is_ours(folder) else None


def is_ours(folder: Path) -> bool:
    """Whether nobody else can write there: what is found there is told, and fixes are made of it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return False
    return not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & OTHERS)


def fingerprint(paths: list[Path], context: object) -> str:
    """One word for the files, what their projects require, how they are checked, and by what."""
    digest = blake2b(f"{own()} {sys.version} {context!r}".encode(), digest_size=20)
    folders: set[Path] = set()
    skipped: list[Path] = []
    for path, module in modules(paths, skipped):
        digest.update(f"\0{path} {module}\0".encode(errors="surrogatepass"))
        digest.update(blake2b(content(path)).digest())
        folders.add(path.parent)
    for folder in sorted({each for inner in folders for each in around(inner)}):
        digest.update("\0".join(map(str, (folder, *texts(folder), ""))).encode(errors="surrogatepass"))
    digest.update(repr(skipped).encode(errors="surrogatepass"))
    return digest.hexdigest()


@cache
def own() -> str:
    """One word for this tool: its own files."""
    digest = blake2b(digest_size=20)
    for path in sorted(OWN.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def content(path: Path) -> bytes:
    """What is in a file, or why that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        return repr(error).encode()


def keep(place: Path, made: Report) -> None:
    """Write it whole or not at all, and forget the oldest; a cache that cannot be written is none."""
    try:
        draft = place.with_suffix(f".{os.getpid()}")
        draft.write_text(packed(made), encoding="utf-8")
        draft.replace(place)
        kept = sorted(place.parent.glob("*.json"), key=lambda each: each.stat().st_mtime)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)
    except OSError:
        return
