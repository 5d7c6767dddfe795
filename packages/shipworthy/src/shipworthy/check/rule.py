"""What a rule is: a documented generator whose first parameter says what it wants to see."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from inspect import cleandoc, signature
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal, get_args

from shipworthy.check import rules
from shipworthy.check.blocking import Blocking, Step
from shipworthy.check.database import Database
from shipworthy.check.fix import Fix
from shipworthy.check.project import Project
from shipworthy.check.reach import reached
from shipworthy.check.routes import Route, find
from shipworthy.check.source import Source, dotted
from shipworthy.check.types import Types
from shipworthy.check.values import Values
from shipworthy.check.walk import Call, Dependency, Seen, walk

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
class World:
    """What is known about the project, for every rule to ask."""

    project: Project
    types: Types
    blocking: Blocking
    routes: list[Route]

    @cached_property
    def values(self) -> Values:
        """What expressions may be worth."""
        return Values(self.project, self.types)

    @cached_property
    def database(self) -> Database:
        """What talks to a database."""
        return Database(self.project, self.types)

    @cached_property
    def reached(self) -> set[str]:
        """The functions that a request may run."""
        starts = {route.code.name for route in self.routes} | self.depended
        return reached(starts, self.blocking.calls)

    @cached_property
    def served(self) -> set[str]:
        """The functions that route handlers call, directly or not."""
        return reached([route.code.name for route in self.routes], self.blocking.calls)

    @cached_property
    def routed(self) -> set[Source]:
        """The files that hold routes."""
        return {route.code.source for route in self.routes}

    @cached_property
    def serving(self) -> set[Source]:
        """The files whose functions a request may run."""
        return {self.project.functions[name].source for name in self.reached} | self.routed

    @cached_property
    def route_folders(self) -> set[Path]:
        """The folders that hold routes, at any depth."""
        return {folder for source in self.routed for folder in source.path.parents}

    @cached_property
    def beside(self) -> set[Source]:
        """The files that hold dependencies."""
        return {self.project.functions[name].source for name in self.depended}

    @cached_property
    def asked(self) -> dict[str, ast.Call]:
        """The functions that `Depends` names, each with the first that does."""
        found = [seen for seen, _ in self.seen if isinstance(seen, Dependency)]
        found.sort(key=lambda each: (str(each.source.path), each.node.lineno), reverse=True)
        return {each.target: each.node for each in found if each.target in self.project.functions}

    @property
    def depended(self) -> set[str]:
        """The functions that `Depends` names."""
        return set(self.asked)

    @cached_property
    def called(self) -> set[str]:
        """The functions that are called by their name, and not by FastAPI only."""
        calls = ((dotted(seen.node.func), source) for seen, source in self.seen if isinstance(seen, Call))
        return {self.project.resolve(name, source) for name, source in calls if name}

    @cached_property
    def seen(self) -> list[tuple[Seen, Source]]:
        """Everything in the files that a rule can ask for."""
        return list(walk(self.project, self.types))


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

    def examples(self, kind: str) -> list[str]:
        """The blocks its page calls Bad or Good."""
        return [
            dedent(body).strip("\n") + "\n"
            for label, body in EXAMPLE.findall(self.doc + "\n")
            if label == kind
        ]


def load() -> list[Rule]:
    """Every rule there is."""
    return sorted(
        (load_one(each.name) for each in pkgutil.iter_modules(rules.__path__)), key=lambda rule: rule.code
    )


def load_one(name: str) -> Rule:
    """A rule, from its module."""
    module = importlib.import_module(f"{rules.__name__}.{name}")
    wanted = next(iter(signature(module.check).parameters.values())).annotation
    return Rule(
        code=module.CODE,
        name=name.replace("_", "-"),
        doc=cleandoc(module.__doc__ or ""),
        practice=module.PRACTICE,
        severity=module.SEVERITY,
        confidence=module.CONFIDENCE,
        deploy=getattr(module, "DEPLOY", False),
        wants=get_args(wanted) or (wanted,),
        check=module.check,
    )


def study(project: Project) -> World:
    """Work out types, routes and what blocks."""
    types = Types(project)
    return World(project, types, Blocking(project, types), list(find(project, types)))


def run(world: World, chosen: list[Rule]) -> Iterator[tuple[Rule, Any, Source, Problem]]:
    """One walk over the routes and one over the files, whatever the number of rules."""
    wanting: defaultdict[type, list[Rule]] = defaultdict(list)
    for rule in chosen:
        for kind in rule.wants:
            wanting[kind].append(rule)
    for seen, source in things(world):
        for rule in wanting[type(seen)]:
            for problem in guarded(rule, seen, world):
                yield rule, seen, problem.source or place_of(problem, seen, source), problem


def place_of(problem: Problem, seen: Seen | Route, source: Source) -> Source:
    """The file of a problem: that of what was seen, or where it is registered."""
    return registration(seen) if isinstance(seen, Route) and problem.node is seen.decorator else source


def registration(route: Route) -> Source:
    """The file that registers a route, which may not be the one of its handler."""
    return getattr(route, "source", None) or route.code.source


def guarded(rule: Rule, seen: Seen | Route, world: World) -> Iterator[Problem]:
    """What a rule finds; one that fails on something says so, and the others go on."""
    try:
        yield from rule.check(seen, world)
    except Exception as error:  # noqa: BLE001 - whatever it is, the user is told
        node = seen.decorator if isinstance(seen, Route) else getattr(seen, "node", None)
        yield Failure(node, f"{rule.code} {rule.name} fails here: {type(error).__name__}: {error}")


def things(world: World) -> Iterator[tuple[Seen | Route, Source]]:
    """What rules can ask for, with the file it is in."""
    yield from ((route, route.code.source) for route in world.routes)
    yield from world.seen
