"""One line for each finding, as editors read it."""

from shipworthy.check.finding import Finding, Report
from shipworthy.check.formats.style import Style
from shipworthy.check.formats.summary import summary


def head(each: Finding, style: Style) -> str:
    """`SW101 error: ...`; `[*]` can be fixed, `[+]` only with --unsafe-fixes."""
    kind = each.severity if each.confidence == "high" else f"{each.severity} ({each.confidence} confidence)"
    fixable = f" [{'*' if each.fix.safe else '+'}]" if each.fix else ""
    return f"{style.severity(f'{each.code} {kind}:', each.severity)}{fixable} {each.message}"


def line(each: Finding, style: Style) -> str:
    """`app/main.py:3:1: SW101 error: ...`."""
    return f"{style(f'{each.path}:{each.line}:{each.column}:', 'bold')} {head(each, style)}"


def concise(report: Report, style: Style) -> str:
    """The findings and what they come to."""
    return "\n".join([*(line(each, style) for each in report.findings), summary(report, style)])
