"""What a rule is: a documented generator whose first parameter says what it wants to see."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from inspect import cleandoc, signature
from typing import Any

from shipworthy.check import rules
from shipworthy.check.blocking import Blocking, Step
from shipworthy.check.project import Project
from shipworthy.check.routes import Route, find
from shipworthy.check.source import Source
from shipworthy.check.types import Types

EXAMPLE = re.compile(r"^(Bad|Good):\n\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Problem:
    """What a rule yields."""

    node: ast.expr | ast.stmt
    message: str
    chain: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Call:
    """A call anywhere in a file."""

    node: ast.Call
    source: Source


@dataclass(frozen=True)
class World:
    """What is known about the project, for every rule to ask."""

    project: Project
    types: Types
    blocking: Blocking
    routes: list[Route]


@dataclass(frozen=True)
class Rule:
    """A module of `shipworthy.check.rules`."""

    code: str
    name: str
    doc: str
    wants: type
    check: Callable[[Any, World], Iterator[Problem]] = field(repr=False)

    def examples(self, kind: str) -> list[str]:
        """The blocks its page calls Bad or Good."""
        return [cleandoc(body) for label, body in EXAMPLE.findall(self.doc + "\n") if label == kind]


def load() -> list[Rule]:
    """Every rule there is."""
    return sorted(
        (load_one(each.name) for each in pkgutil.iter_modules(rules.__path__)), key=lambda rule: rule.code
    )


def load_one(name: str) -> Rule:
    """A rule, from its module."""
    module = importlib.import_module(f"{rules.__name__}.{name}")
    wanted = next(iter(signature(module.check).parameters.values())).annotation
    return Rule(module.CODE, name.replace("_", "-"), cleandoc(module.__doc__ or ""), wanted, module.check)


def study(project: Project) -> World:
    """Work out types, routes and what blocks."""
    types = Types(project)
    return World(project, types, Blocking(project, types), list(find(project, types)))


def run(world: World, chosen: list[Rule]) -> Iterator[tuple[Rule, Source, Problem]]:
    """One walk over the routes and one over the files, whatever the number of rules."""
    for route in world.routes:
        for rule in chosen:
            if rule.wants is Route:
                yield from ((rule, route.code.source, problem) for problem in rule.check(route, world))
    for source in world.project.sources.values():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                for rule in chosen:
                    if rule.wants is Call:
                        yield from (
                            (rule, source, problem) for problem in rule.check(Call(node, source), world)
                        )
