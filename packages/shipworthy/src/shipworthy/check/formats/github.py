"""Annotations of a GitHub workflow."""

from pathlib import Path

from shipworthy.check.config import root_of
from shipworthy.check.finding import Finding, Report
from shipworthy.check.formats.style import Style
from shipworthy.check.formats.summary import summary
from shipworthy.check.places import relative


def data(text: str) -> str:
    """What a workflow command needs escaped in a message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """What it needs escaped in a property besides."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def annotation(each: Finding) -> str:
    """A finding at its place, with the calls that lead there."""
    calls = "".join(f"\n{hop.span.path}:{hop.span.line} {hop.span.label}" for hop in each.chain)
    path = relative(each.path, root_of(Path.cwd().resolve()))  # as the repository names it
    place = f"file={value(path)},line={each.line},col={each.column}"
    ends = f",endLine={each.span.end_line or each.line}"
    title = value(f"{each.code} {each.name}")
    return f"::{each.severity} {place}{ends},title={title}::{data(each.message + calls)}"


def github(report: Report, style: Style) -> str:
    """One annotation for each finding, and what they come to."""
    return "\n".join([*map(annotation, report.findings), summary(report, style)])
