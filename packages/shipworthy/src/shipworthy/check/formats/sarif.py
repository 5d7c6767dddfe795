"""SARIF 2.1.0, as code scanning reads it: rules, places, fingerprints, and chains as code flows."""

import json
from pathlib import Path
from typing import Any

from shipworthy import __version__
from shipworthy.check.builtin import every_rule
from shipworthy.check.config import root_of
from shipworthy.check.finding import Finding, Hop, Report, RouteName, Span
from shipworthy.check.formats.style import Style
from shipworthy.check.places import relative
from shipworthy.check.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def location(span: Span, root: Path, message: str = "") -> dict[str, Any]:
    """A place in the repository."""
    region: dict[str, Any] = {"startLine": span.line, "startColumn": span.column}
    if span.end_column:
        region |= {"endLine": span.end_line, "endColumn": span.end_column}
    if span.text:
        region["snippet"] = {"text": span.text}
    place = {"artifactLocation": {"uri": uri(span.path, root), "uriBaseId": "%SRCROOT%"}, "region": region}
    return {"physicalLocation": place} | ({"message": {"text": message}} if message else {})


def uri(path: Path, root: Path) -> str:
    """A path as a reference that may be appended to the root's."""
    told = relative(path, root)
    return (
        Path(told).as_uri() if Path(told).is_absolute() else Path("/", told).as_uri().removeprefix("file:///")
    )


def flow(routes: tuple[RouteName, ...], chain: tuple[Hop, ...], root: Path) -> dict[str, Any]:
    """The way from the route to the call that blocks."""
    steps = [(route.span, f"{route} is handled by `{route.handler}`") for route in routes[:1]]
    steps += [(hop.span, hop.span.label) for hop in chain]
    return {"threadFlows": [{"locations": [{"location": location(s, root, text)} for s, text in steps]}]}


def described(rule: Rule) -> dict[str, Any]:
    """A rule with its page."""
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.doc.splitlines()[0]},
        "fullDescription": {"text": rule.doc.split("\n\n")[1] if "\n\n" in rule.doc else rule.doc},
        "help": {"text": rule.doc, "markdown": f"```text\n{rule.doc}\n```"},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [rule.practice], "precision": rule.confidence.replace("high", "very-high")},
    }


def result(each: Finding, codes: list[str], root: Path) -> dict[str, Any]:
    """A finding."""
    flows = {"codeFlows": [flow(each.routes, each.chain, root)]} if each.chain else {}
    spans = [*(route.span for route in each.routes), *each.marks]
    related = [{"id": number, **location(span, root, span.label)} for number, span in enumerate(spans, 1)]
    return {
        "ruleId": each.code,
        "ruleIndex": codes.index(each.code),
        "level": each.severity,
        "message": {"text": each.message},
        "locations": [location(each.span, root)],
        "partialFingerprints": {"shipworthy/v1": each.fingerprint},
        "properties": {"confidence": each.confidence, "practice": each.practice},
        **({"relatedLocations": related} if related else {}),
        **flows,
    }


def sarif(report: Report, _: Style) -> str:
    """The report as one run."""
    rules = every_rule()
    codes = [rule.code for rule in rules]
    root = root_of(Path.cwd().resolve())
    driver = {"name": "shipworthy", "version": __version__, "rules": [described(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"uri": root.as_uri() + "/"}},
        "results": [result(each, codes, root) for each in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)
