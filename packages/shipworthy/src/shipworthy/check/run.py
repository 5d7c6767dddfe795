"""The rules, run over everything there is to see."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from shipworthy.check.routes import Route
from shipworthy.check.rule import Failure, Problem, Rule
from shipworthy.check.source import Source
from shipworthy.check.walk import Seen
from shipworthy.check.world import World

Thing = tuple[Seen | Route, Source]


def run(
    world: World, chosen: list[Rule], seen: Iterable[Thing]
) -> Iterator[tuple[Rule, Any, Source, Problem]]:
    """One walk over some things, whatever the number of rules."""
    wanting: defaultdict[type, list[Rule]] = defaultdict(list)
    for rule in chosen:
        for kind in rule.wants:
            wanting[kind].append(rule)
    for each, source in seen:
        for rule in wanting[type(each)]:
            for problem in guarded(rule, each, world):
                yield rule, each, problem.source or place_of(problem, each, source), problem


def place_of(problem: Problem, seen: Seen | Route, source: Source) -> Source:
    """The file of a problem: that of what was seen, or where it is registered."""
    return registration(seen) if isinstance(seen, Route) and problem.node is seen.decorator else source


def registration(route: Route) -> Source:
    """The file that registers a route, which may not be the one of its handler."""
    return route.source or route.code.source


def guarded(rule: Rule, seen: Seen | Route, world: World) -> Iterator[Problem]:
    """What a rule finds; one that fails on something says so, and the others go on."""
    try:
        yield from rule.check(seen, world)
    except Exception as error:  # noqa: BLE001 - whatever it is, the user is told
        node = seen.decorator if isinstance(seen, Route) else getattr(seen, "node", None)
        yield Failure(node, f"{rule.code} {rule.name} fails here: {type(error).__name__}: {error}")


def things(world: World) -> Iterator[Thing]:
    """What rules can ask for, with the file it is in."""
    yield from routes(world)
    yield from world.seen


def routes(world: World) -> Iterator[Thing]:
    """The routes alone."""
    yield from ((route, route.code.source) for route in world.routes)
