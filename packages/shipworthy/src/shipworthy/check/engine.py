"""From paths to findings: read, study, run the rules, apply what hides findings."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from shipworthy.check.builtin import FAILED, UNREAD, USELESS, every_rule
from shipworthy.check.config import fits_path
from shipworthy.check.finding import Finding, Hop, Report, RouteName, Span
from shipworthy.check.halves import at_once, has_two_processors
from shipworthy.check.ignores import Ignores, removal
from shipworthy.check.places import fingerprinted, line_at, relative, scope_at, span
from shipworthy.check.project import Project, read
from shipworthy.check.routes import Route
from shipworthy.check.rule import Failure, Problem, Rule, load, marks
from shipworthy.check.run import Thing, registration, routes, run, things
from shipworthy.check.source import Source
from shipworthy.check.world import World, study

Found = tuple[Finding, Source | None]
MANY = 2_000  # functions, classes, files and calls: for fewer another process costs more than it spares


@dataclass(frozen=True)
class Scope:
    """What of a project is told: its root, paths that are not, and rules that are not for some paths."""

    root: Path = field(default_factory=lambda: Path.cwd().resolve())
    exclude: tuple[str, ...] = ()
    ignores: dict[str, set[str]] = field(default_factory=dict)

    def hides(self, finding: Finding) -> bool:
        """Whether the path of a finding keeps it from being told."""
        path = relative(finding.path, self.root)
        return self.excludes(finding.path) or any(
            finding.code in codes and fits_path(path, pattern) for pattern, codes in self.ignores.items()
        )

    def excludes(self, path: Path) -> bool:
        """Whether a file is no concern."""
        return any(fits_path(relative(path, self.root), pattern) for pattern in self.exclude)


def check(
    paths: list[Path],
    select: Collection[str],
    ignore: Collection[str],
    scope: Scope | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Check what lies below some paths; all there is to tell, however uncertain."""
    scope = scope or Scope()
    say("reading")
    project = read(paths)
    say(f"studying {len(project.sources)} files")
    chosen = [rule for rule in load() if rule.code not in ignore and (not select or rule.code in select)]
    world = study(project, marks(chosen))
    say(f"checking {len(world.routes)} routes")
    found = merged(everything(world, chosen))
    return reported(found, world, chosen, scope, set(ignore))


def reported(found: list[Found], world: World, chosen: list[Rule], scope: Scope, ignore: set[str]) -> Report:
    """What is left after the comments and the settings of paths."""
    project = world.project
    ignores = Ignores(list(project.sources.values()))
    kept = [pair for pair in found if not ignores.hide(pair[0])]
    useless = told_useless(ignores, {rule.code for rule in chosen})
    every = [*unread(project), *useless, *kept]
    told = [pair for pair in every if pair[0].code not in ignore and not scope.hides(pair[0])]
    told.sort(key=lambda pair: (str(pair[0].path), pair[0].line, pair[0].code, pair[0].column))
    declared = tuple(named(route) for route in world.routes if not scope.excludes(route.code.source.path))
    files = [*(each.path for each in project.sources.values()), *(each.path for each in project.unread)]
    return Report(
        list(fingerprinted(told, scope.root)),
        files=sum(not scope.excludes(path) for path in files),
        routes=len(declared),
        ignored=len(found) - len(kept),
        declared=declared,
        skipped=tuple(project.skipped),
    )


def everything(world: World, chosen: list[Rule]) -> Iterator[Found]:
    """Every problem: of the routes, and of the files, for which there may be a process of their own."""
    rest = world.seen  # which rules for routes ask for, too
    if len(rest) < MANY or not has_two_processors():
        yield from findings(world, chosen, things(world))
        return
    found, others = at_once(
        lambda: list(findings(world, chosen, routes(world))),
        lambda: [(each, source.module) for each, source in findings(world, chosen, rest)],
    )
    yield from found
    yield from ((each, world.project.sources[module]) for each, module in others)


def findings(world: World, chosen: list[Rule], seen: Iterable[Thing]) -> Iterator[tuple[Finding, Source]]:
    """The problems of some things, with their places."""
    for asked, each, source, problem in run(world, chosen, seen):
        told = (named(each),) if isinstance(each, Route) else ()
        rule = FAILED if isinstance(problem, Failure) else asked
        yield finding(rule, source, problem, told), source


def named(route: Route) -> RouteName:
    """A route as it is told."""
    handler = scope_at(route.code.source, route.code.node.lineno)
    registered = registration(route)
    place = span(registered, route.decorator, "this route")
    line = route.code.node.lineno if registered is route.code.source else 0
    return RouteName(route.method.upper(), route.full_path, handler, place, line, route.code.source.path)


def finding(rule: Rule, source: Source, problem: Problem, routes: tuple[RouteName, ...]) -> Finding:
    """A problem with its place."""
    return Finding(
        rule.code,
        rule.name,
        problem.message,
        span(source, problem.node),
        severity=rule.severity,
        confidence=problem.confidence or rule.confidence,
        practice=rule.practice,
        deploy=rule.deploy,
        chain=tuple(
            Hop(span(step.source, step.node, f"calls `{step.callee}`"), step.callee) for step in problem.chain
        ),
        marks=tuple(span(source, node, label) for node, label in problem.marks),
        routes=routes,
        fix=problem.fix,
    )


def merged(found: Iterator[Found]) -> list[Found]:
    """One finding where several routes make the same, and where a rule fails in the same way."""
    told: dict[tuple[object, ...], list[Found]] = {}
    for each, source in found:
        failed = each.code == FAILED.code
        key = (each.message,) if failed else (each.path, each.line, each.column, each.code, each.message)
        if not failed or key not in told:
            told.setdefault(key, []).append((each, source))
    return [joined(same) if len(same) > 1 else same[0] for same in told.values()]


def joined(same: list[Found]) -> Found:
    """The first of several findings, with the routes of all."""
    first, source = same[0]
    routes = dict.fromkeys(route for each, _ in same for route in each.routes)
    return replace(first, routes=tuple(routes)), source


def unread(project: Project) -> Iterator[Found]:
    """Files that could not be parsed are findings."""
    for each in project.unread:
        message = f"this file cannot be parsed: {each.reason}"
        yield Finding(UNREAD.code, UNREAD.name, message, Span(each.path, each.line, end_line=each.line)), None


def told_useless(ignores: Ignores, active: set[str]) -> Iterator[Found]:
    """Comments that hide nothing are findings."""
    for each, why in ignores.useless(active, {rule.code for rule in every_rule()}):
        text, end = line_at(each.source, each.line), each.column + len(each.text) + 1
        place = Span(each.source.path, each.line, each.column + 1, each.line, end, text)
        yield (
            Finding(USELESS.code, USELESS.name, why, place, USELESS.severity, fix=removal(each)),
            each.source,
        )
