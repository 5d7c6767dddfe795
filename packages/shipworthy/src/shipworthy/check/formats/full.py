"""The source with its marks: the place, the route, and the calls from one to the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from shipworthy.check.finding import Finding, Report, Span
from shipworthy.check.formats.concise import head
from shipworthy.check.formats.style import Style
from shipworthy.check.formats.summary import summary

WIDEST = 160  # characters of a line that are shown


@dataclass(frozen=True)
class Mark:
    """A span and the sign below it."""

    span: Span
    sign: str


def full(report: Report, style: Style) -> str:
    """Every finding with its source, and what they come to."""
    return "\n".join([*(block(each, style) for each in report.findings), summary(report, style)])


def block(each: Finding, style: Style) -> str:
    """One finding."""
    marks = list(marked(each))
    width = max(len(str(mark.span.line)) for mark in marks)
    gutter = " " * width
    lines = [head(each, style)]
    for number, (path, group) in enumerate(by_file(marks)):
        place = each.span if number == 0 else group[0].span
        arrow = "-->" if number == 0 else ":::"
        lines.append(f"{gutter}{style(arrow, 'blue')} {path}:{place.line}:{place.column}")
        lines += excerpt(group, gutter, style, each.severity) if place.text else []
    notes = [f"fix: {each.fix.title}"] if each.fix else []
    notes += [f"help: shipworthy rule {each.code}"]
    return "\n".join([*lines, *(f"{gutter} {style('=', 'blue')} {note}" for note in notes), ""])


def marked(each: Finding) -> Iterator[Mark]:
    """The spans of a finding: its own, the route that leads there, the calls of the chain, others."""
    first = each.chain[0].span if each.chain else each.span
    own = replace(each.span, label=numbered(1, first.label, each)) if first.line == each.line else each.span
    yield Mark(own, "^")
    for route in each.routes[:1]:
        if (route.span.path, route.span.line) != (each.path, each.line):
            yield Mark(route.span, "-")
    for number, hop in enumerate(each.chain, 1):
        if (hop.span.path, hop.span.line, hop.span.column) != (each.path, each.line, each.column):
            yield Mark(replace(hop.span, label=numbered(number, hop.span.label, each)), "-")
    yield from (Mark(mark, "-") for mark in each.marks)


def numbered(number: int, label: str, each: Finding) -> str:
    """The label of a call; several are numbered, as they may run upwards."""
    return f"{number}. {label}" if len(each.chain) > 1 else label


def by_file(marks: list[Mark]) -> list[tuple[Path, list[Mark]]]:
    """The marks of each file, the finding's own file first."""
    groups: dict[Path, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(mark.span.path, []).append(mark)
    return list(groups.items())


def excerpt(marks: list[Mark], gutter: str, style: Style, severity: str) -> Iterator[str]:
    """The marked lines of one file, with dots where lines are left out."""
    bar = style("|", "blue")
    yield f"{gutter} {bar}"
    last = 0
    for mark in sorted(marks, key=lambda each: (each.span.line, each.span.column)):
        span = mark.span
        if last and span.line > last + 1:
            yield style("...", "blue")
        if span.line != last:
            shown = span.text.expandtabs(4).rstrip()[:WIDEST]
            yield f"{style(f'{span.line:>{len(gutter)}}', 'blue')} {bar} {shown}"
        last = span.line
        before = len(span.text[: span.column - 1].expandtabs(4))
        signs = mark.sign * max(1, min(span.width, WIDEST - before))
        painted = style.severity(signs, severity) if mark.sign == "^" else style(signs, "blue")
        yield f"{gutter} {bar} {' ' * before}{painted} {span.label}".rstrip()
    yield f"{gutter} {bar}"
