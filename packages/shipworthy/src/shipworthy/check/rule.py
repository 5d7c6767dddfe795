"""What a rule is: a documented generator whose first parameter says what it wants to see.

One that wants calls names in `CALLS` words, one of which is written in each call that it may tell of: a name,
which is followed through imports and subclasses; `.dict`, a method; `print(`, a call; `reload=`, an option.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from inspect import cleandoc, signature
from textwrap import dedent
from typing import Any, Literal, get_args

from shipworthy.check import rules
from shipworthy.check.blocking import Step
from shipworthy.check.fix import Fix
from shipworthy.check.source import Source
from shipworthy.check.walk import Call
from shipworthy.check.world import World

__all__ = ["Confidence", "Failure", "Problem", "Rule", "Severity", "World", "load"]
Severity = Literal["error", "warning"]  # error: wrong data, an open door, an outage; warning: it hurts
Confidence = Literal["high", "medium", "low"]  # high: shown by default; the others with --pedantic

EXAMPLE = re.compile(r"^(Bad|Good):\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Problem:
    """What a rule yields."""

    node: Any  # whatever has a line and a column
    message: str
    chain: tuple[Step, ...] = ()
    confidence: Confidence | None = None  # if it is not the rule's own
    source: Source | None = None  # if it is not the file of what the rule was asked about
    marks: tuple[tuple[Any, str], ...] = ()  # more places in the same file, each with what it is
    fix: Fix | None = None  # the edits that mend it


@dataclass(frozen=True)
class Failure(Problem):
    """A rule could not do its work."""


@dataclass(frozen=True)
class Rule:
    """A module of `shipworthy.check.rules`."""

    code: str
    name: str
    doc: str
    practice: str  # the line of the checklist that it watches
    severity: Severity
    confidence: Confidence
    deploy: bool  # matters in production only: told with --deploy
    wants: tuple[type, ...]
    check: Callable[[Any, World], Iterator[Problem]] = field(repr=False)
    calls: frozenset[str] | None = frozenset()  # what a call says that it asks for; none: it sees every call

    def examples(self, kind: str) -> list[str]:
        """The blocks its page calls Bad or Good."""
        return [
            dedent(body).strip("\n") + "\n"
            for label, body in EXAMPLE.findall(self.doc + "\n")
            if label == kind
        ]


def marks(chosen: Iterable[Rule]) -> frozenset[str] | None:
    """What the calls say that some rules ask for, unless one of them asks for every call."""
    asked = [rule.calls for rule in chosen]
    return None if None in asked else frozenset().union(*filter(None, asked))


def load() -> list[Rule]:
    """Every rule there is."""
    return sorted(
        (load_one(each.name) for each in pkgutil.iter_modules(rules.__path__)), key=lambda rule: rule.code
    )


def load_one(name: str) -> Rule:
    """A rule, from its module."""
    module = importlib.import_module(f"{rules.__name__}.{name}")
    wanted = next(iter(signature(module.check).parameters.values())).annotation
    wants = get_args(wanted) or (wanted,)
    return Rule(
        code=module.CODE,
        name=name.replace("_", "-"),
        doc=cleandoc(module.__doc__ or ""),
        practice=module.PRACTICE,
        severity=module.SEVERITY,
        confidence=module.CONFIDENCE,
        deploy=getattr(module, "DEPLOY", False),
        wants=wants,
        check=module.check,
        calls=frozenset(module.CALLS) if hasattr(module, "CALLS") else None if Call in wants else frozenset(),
    )
