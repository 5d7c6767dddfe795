"""A page to read and to pass on."""

from shipworthy.check.finding import Report
from shipworthy.check.formats.style import Style


def html(report: Report, _: Style) -> str:
    """The report as one file."""
    return f"<p>{len(report.findings)}</p>"
