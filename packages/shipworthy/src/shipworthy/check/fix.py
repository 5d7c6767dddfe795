"""Edits of a text, and how several are made at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Edit:
    """Characters of a file that another text replaces."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True)
class Fix:
    """What mends a problem; a safe one changes nothing that a client or a caller can see."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


def apply(text: str, fixes: Iterable[Fix]) -> tuple[str, list[Fix]]:
    """Make the fixes that do not get in each other's way; the others wait for the next round."""
    taken: dict[Edit, None] = {}
    made: list[Fix] = []
    for fix in fixes:
        new = [edit for edit in fix.edits if edit not in taken]
        if not any(overlap(edit, other) for edit in new for other in taken):
            taken |= dict.fromkeys(new)
            made.append(fix)
    for edit in sorted(taken, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, made


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits touch; two insertions at one place do, as their order would be chance."""
    return one.start <= other.end and other.start <= one.end
