"""The words in a name, however it is written."""

import re

WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
FRAMES = {"api", "handle", "endpoint", "do", "async", "route", "handler", "view", "a"}


def words(name: str) -> list[str]:
    """`api_createUser` and `create-user` are both `create`, `user`; what only frames a name is left out."""
    found = [each.lower() for each in WORD.findall(name)]
    inner = [each for each in found if each not in FRAMES]
    return inner or found


def last_segment(path: str | None) -> list[str]:
    """The words of the last part of a path that is no parameter."""
    parts = [each for each in (path or "").split("/") if each and not each.startswith("{")]
    return words(parts[-1]) if parts else []
