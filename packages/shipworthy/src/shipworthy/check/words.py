"""The words in a name, however it is written."""

import re

WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
FRAMES = {"api", "handle", "endpoint", "do", "async", "route", "handler", "view", "a"}


def words(name: str) -> list[str]:
    """`api_createUser` and `create-user` are both `create`, `user`; what only frames a name is left out."""
    found = [each.lower() for each in WORD.findall(name)]
    inner = [each for each in found if each not in FRAMES]
    return inner or found


def parts(path: str | None) -> list[str]:
    """The parts of a path that are no parameters."""
    return [each for each in (path or "").split("/") if each and not each.startswith("{")]


def last_segment(path: str | None) -> list[str]:
    """The words of the last part of a path that is no parameter."""
    found = parts(path)
    return words(found[-1]) if found else []


def singular(word: str) -> str:
    """One of several: `entries` and `entry` are the same."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word if word.endswith("ss") else word.removesuffix("s")
