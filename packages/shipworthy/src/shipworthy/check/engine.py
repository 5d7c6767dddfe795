"""From paths to findings: read, study, run the rules, apply the ignores."""

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shipworthy.check.blocking import Step
from shipworthy.check.project import Project, read
from shipworthy.check.routes import Route
from shipworthy.check.rule import Rule, load, run, study
from shipworthy.check.source import Source

UNREAD, UNUSED = "SW001", "SW002"
IGNORE = re.compile(r"#\s*shipworthy:\s*ignore\[([A-Z0-9, ]+)\]")


@dataclass(frozen=True)
class Finding:
    """What is told to the user; lines and columns count from 1."""

    code: str
    message: str
    path: Path
    line: int
    column: int
    width: int = 1
    text: str = ""
    chain: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Report:
    """The outcome of a run."""

    findings: list[Finding]
    files: int
    routes: int
    ignored: int
    failing: dict[str, int]  # for each rule about routes, how many do not pass


def check(paths: list[Path], select: set[str], ignore: set[str]) -> Report:
    """Check what lies below some paths."""
    project = read(paths)
    world = study(project)
    chosen = [rule for rule in load() if rule.code not in ignore and (not select or rule.code in select)]
    found = [(rule, finding(rule.code, source, problem.node.lineno, problem.node, problem))
             for rule, source, problem in run(world, chosen)]  # fmt: skip
    told = {(each.path, each.line, each.code): each for _, each in found}.values()
    kept, ignored, unused = sift(list(told), project, {rule.code for rule in chosen})
    findings = sorted(
        [*unread(project), *kept, *unused], key=lambda each: (str(each.path), each.line, each.code)
    )
    return Report(
        findings,
        len(project.sources) + len(project.unread),
        len(world.routes),
        ignored,
        failures(found, chosen),
    )


def failures(found: list[tuple[Rule, Finding]], chosen: list[Rule]) -> dict[str, int]:
    """How many routes fail each rule that asks about routes."""
    return {
        f"{rule.code} {rule.name}": sum(each is rule for each, _ in found)
        for rule in chosen
        if Route in rule.wants
    }


def finding(code: str, source: Source, line: int, node: object, problem: object) -> Finding:
    """A problem with its place."""
    column = getattr(node, "col_offset", 0)
    text = source.lines[line - 1]
    end = getattr(node, "end_col_offset", None) if getattr(node, "end_lineno", line) == line else len(text)
    message, chain = getattr(problem, "message", ""), getattr(problem, "chain", ())
    return Finding(code, message, source.path, line, column + 1, max(1, (end or 0) - column), text, chain)


def unread(project: Project) -> Iterator[Finding]:
    """Files that could not be parsed are findings."""
    for each in project.unread:
        yield Finding(UNREAD, f"this file cannot be parsed: {each.reason}", each.path, each.line, 1)


def ignores(source: Source) -> Iterator[tuple[int, str]]:
    """The codes that comments ignore; text that looks like a comment inside a string is not one."""
    if "shipworthy:" not in source.text:
        return
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        match = IGNORE.search(token.string) if token.type == tokenize.COMMENT else None
        for code in match[1].replace(" ", "").split(",") if match else ():
            yield token.start[0], code


def sift(
    found: list[Finding], project: Project, active: set[str]
) -> tuple[list[Finding], int, list[Finding]]:
    """What is told, how many were ignored, and the ignores that ignored nothing."""
    written = {
        (source.path, line, code)
        for source in project.sources.values()
        for line, code in ignores(source)
        if code in active
    }
    kept = [each for each in found if (each.path, each.line, each.code) not in written]
    unused = written - {(each.path, each.line, each.code) for each in found}
    told = [
        Finding(UNUSED, f"nothing on this line is {code}; remove the ignore", path, line, 1)
        for path, line, code in unused
    ]
    return kept, len(found) - len(kept), told
