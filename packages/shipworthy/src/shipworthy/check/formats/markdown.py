"""A report to read in a pull request or in the summary of a CI run."""

from itertools import groupby

from shipworthy.check.finding import Finding, Report
from shipworthy.check.formats.style import Style
from shipworthy.check.formats.summary import total

MOST = 200  # findings; GitHub refuses comments and summaries beyond a size


def cell(text: str) -> str:
    """Text in a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def item(each: Finding) -> str:
    """A finding in a list, with its chain."""
    calls = "".join(
        f"\n  {number}. `{hop.span.path.as_posix()}:{hop.span.line}` {hop.span.label}"
        for number, hop in enumerate(each.chain, 1)
    )
    return f"- `{each.path.as_posix()}:{each.line}` {each.message}{calls}"


def markdown(report: Report, _: Style) -> str:
    """Practices as a table, findings by rule."""
    lines = ["## shipworthy", "", total(report, Style()), ""]
    if report.practices:
        lines += ["| | practice | |", "|---|---|---|"]
        lines += [
            f"| {'✗' if each.findings else '✓'} | {cell(each.name)} | {each} |" for each in report.practices
        ]
    shown = sorted(report.findings, key=lambda each: each.code)[:MOST]
    for (code, name), group in groupby(shown, key=lambda each: (each.code, each.name)):
        found = list(group)
        lines += ["", f"<details><summary>{code} {name}: {len(found)}</summary>", ""]
        lines += [*map(item, found), "", "</details>"]
    left = len(report.findings) - len(shown)
    return "\n".join([*lines, *(["", f"… and {left} more"] if left else [])])
