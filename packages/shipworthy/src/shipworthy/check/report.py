"""How findings read: one function for each format."""

import json

from shipworthy.check.engine import Finding, Report


def full(each: Finding) -> str:
    """The source with carets, and the chain of calls."""
    gutter = " " * len(str(each.line))
    marks = [
        f"{gutter} |",
        f"{each.line} | {each.text}",
        f"{gutter} | {' ' * (each.column - 1)}{'^' * each.width}",
    ]
    steps = [
        f"{gutter} = via: {step.source.path}:{step.node.lineno} calls `{step.callee}`" for step in each.chain
    ]
    head = [f"{each.code} {each.message}", f"{gutter}--> {each.path}:{each.line}:{each.column}"]
    help_ = [f"{gutter} = help: shipworthy rule {each.code}"]  # what has no source has no page either
    return "\n".join([*head, *(marks if each.text else []), *steps, *(help_ if each.text else []), ""])


def concise(each: Finding) -> str:
    """One line."""
    return f"{each.path}:{each.line}:{each.column}: {each.code} {each.message}"


def github(each: Finding) -> str:
    """An annotation of a GitHub workflow."""
    place = f"file={each.path},line={each.line},col={each.column},title={each.code}"
    return f"::error {place}::{each.message.replace('%', '%25')}"


def as_dict(each: Finding) -> dict[str, object]:
    """A finding as JSON tells it."""
    chain = [{"path": str(s.source.path), "line": s.node.lineno, "calls": s.callee} for s in each.chain]
    place = {"path": str(each.path), "line": each.line, "column": each.column}
    return {"code": each.code, "message": each.message, **place, "chain": chain}


def as_json(report: Report) -> str:
    """Everything, for other programs."""
    found = [as_dict(each) for each in report.findings]
    counts = {"files": report.files, "routes": report.routes, "ignored": report.ignored}
    return json.dumps({"version": 1, "findings": found, **counts}, indent=2)


def summary(report: Report) -> str:
    """A line for each practice of routes, and one that counts everything."""
    lines = [
        f"{report.routes - failing} of {report.routes} routes pass {name}"
        for name, failing in report.failing.items()
    ]
    problems, files = count(len(report.findings), "problem"), count(report.files, "file")
    return "\n".join([*lines, f"Found {problems} in {files}, {report.ignored} ignored."])


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


FORMATS = {"full": full, "concise": concise, "github": github}
