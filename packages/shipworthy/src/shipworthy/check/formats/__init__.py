"""How a report reads: a format is a function from a report to text, found when it is asked for."""

from pkgutil import resolve_name

from shipworthy.check.finding import Report
from shipworthy.check.formats.style import Style

FORMATS = {
    "full": "full:full",
    "concise": "concise:concise",
    "json": "json_report:as_json",
    "sarif": "sarif:sarif",
    "github": "github:github",
    "junit": "junit:junit",
    "markdown": "markdown:markdown",
    "html": "html_report:html",
}


def formatted(form: str, report: Report, style: Style) -> str:
    """A report in one of the formats."""
    text: str = resolve_name(f"{__name__}.{FORMATS[form]}")(report, style)
    return text
