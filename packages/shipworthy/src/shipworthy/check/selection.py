"""Which rules a user means: by code (SW101), by the beginning of codes (SW1), or by name."""

from collections.abc import Iterable
from difflib import get_close_matches

from shipworthy.check.rule import Rule


class UsageError(Exception):
    """The command or its configuration asks for something that does not exist."""


def expand(patterns: Iterable[str], rules: list[Rule]) -> set[str]:
    """The codes that some patterns mean."""
    return {code for pattern in patterns for code in meant(pattern, rules)}


def meant(pattern: str, rules: list[Rule]) -> set[str]:
    """The codes that one pattern means."""
    wanted = pattern.strip()
    found = {rule.code for rule in rules if rule.name == wanted or rule.code.startswith(wanted.upper())}
    if wanted and found:
        return found
    names = [name for rule in rules for name in (rule.code, rule.name)]
    close = get_close_matches(wanted, names, 1) or get_close_matches(wanted.upper(), names, 1)
    raise UsageError(f"there is no rule {pattern!r}" + (f"; do you mean {close[0]!r}?" if close else ""))
