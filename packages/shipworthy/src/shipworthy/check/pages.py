"""The rules as an index."""

import json

from shipworthy.check.rule import Rule


def index(rules: list[Rule], form: str) -> str:
    """One line for each rule."""
    if form == "json":
        return json.dumps([row(rule) for rule in rules], indent=2)
    if form == "markdown":
        lines = [
            f"| {r.code} | {r.name} | {r.practice} | {kind(r)} | {r.doc.splitlines()[0]} |" for r in rules
        ]
        return "\n".join(["| code | name | practice | | what it finds |", "|---|---|---|---|---|", *lines])
    width = max(len(rule.name) for rule in rules)
    return "\n".join(
        f"{rule.code}  {rule.name:<{width}}  {kind(rule):<8}  {rule.doc.splitlines()[0]}" for rule in rules
    )


def page_of(rule: Rule) -> str:
    """A rule in full."""
    when = " (with --deploy)" if rule.deploy else "" if rule.confidence == "high" else " (with --pedantic)"
    head = (
        f"{rule.code} {rule.name}: {rule.severity}, {rule.confidence} confidence{when}, about {rule.practice}"
    )
    return f"{head}\n\n{rule.doc}"


def kind(rule: Rule) -> str:
    """Its severity, and whether the default run tells it."""
    unsure = [] if rule.confidence == "high" else ["pedantic"]
    return ", ".join([rule.severity, *unsure, *(["deploy"] if rule.deploy else [])])


def row(rule: Rule) -> dict[str, object]:
    """A rule for other programs."""
    names = ("code", "name", "practice", "severity", "confidence", "deploy")
    return {name: getattr(rule, name) for name in names} | {
        "summary": rule.doc.splitlines()[0],
        "page": rule.doc,
    }
