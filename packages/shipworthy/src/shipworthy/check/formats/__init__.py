"""How a report reads: a format is a function from a report to text."""

from collections.abc import Callable

from shipworthy.check.finding import Report
from shipworthy.check.formats.concise import concise
from shipworthy.check.formats.full import full
from shipworthy.check.formats.github import github
from shipworthy.check.formats.html_report import html
from shipworthy.check.formats.json_report import as_json
from shipworthy.check.formats.junit import junit
from shipworthy.check.formats.markdown import markdown
from shipworthy.check.formats.sarif import sarif
from shipworthy.check.formats.style import Style

FORMATS: dict[str, Callable[[Report, Style], str]] = {
    "full": full,
    "concise": concise,
    "json": as_json,
    "sarif": sarif,
    "github": github,
    "junit": junit,
    "markdown": markdown,
    "html": html,
}
