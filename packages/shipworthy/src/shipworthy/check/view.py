"""Which findings are told, and what they come to."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from shipworthy.check.finding import Finding, Practice, Report
from shipworthy.check.routes import Route
from shipworthy.check.rule import Rule


def view(report: Report, rules: list[Rule], *, pedantic: bool, named: Collection[str]) -> Report:
    """The nearly certain findings of some rules, or all; a rule that is asked for by its code is wanted."""
    codes = {rule.code for rule in rules}
    told = [
        each
        for each in report.findings
        if (pedantic or each.confidence == "high" or each.code in named)
        and (each.code in codes or each.practice == "checker")
    ]
    hidden = len(report.findings) - len(told)
    return replace(
        report, findings=told, hidden=hidden, practices=tuple(practices(told, rules, report.routes))
    )


def practices(findings: list[Finding], rules: list[Rule], routes: int) -> Iterator[Practice]:
    """How the project does at each line of the checklist, in the order of the codes."""
    for name in dict.fromkeys(rule.practice for rule in rules):
        found = [each for each in findings if each.practice == name]
        failing = {route for each in found for route in each.routes}
        about_routes = any(Route in rule.wants for rule in rules if rule.practice == name)
        others = sum(not each.routes for each in found)
        yield Practice(name, len(found), len(failing), routes if about_routes else None, others)


def without(report: Report, known: Collection[str]) -> Report:
    """The findings that were not known before; what the practices say stays true of the whole project."""
    new = [each for each in report.findings if each.fingerprint not in known]
    return replace(report, findings=new, known=report.known + len(report.findings) - len(new))
