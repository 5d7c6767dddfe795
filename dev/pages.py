"""Pages that are written in part by hand, and in part by `make docs`."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
MARK = "written by `make docs`"
Pages = Mapping[str, Callable[[], str]]  # what writes the second part of each


def renewed(pages: Pages, name: str) -> str:
    """A page with its generated part as it should be."""
    kept = re.match(rf".*?{MARK}[^\n]*\n", (ROOT / name).read_text(), re.DOTALL)
    if kept is None:
        raise ValueError(f"{name} has no line that says: {MARK}")
    return f"{kept[0]}\n{pages[name]()}\n"


def rewrite(pages: Pages) -> None:
    """Renew all of them."""
    for name in pages:
        (ROOT / name).write_text(renewed(pages, name))
