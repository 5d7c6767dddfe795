"""Everything, for other programs. `docs/checker/report.schema.json` describes it; version 1 only grows."""

import json
from dataclasses import asdict

from shipworthy.check.finding import Finding, Report, Span
from shipworthy.check.fix import Fix
from shipworthy.check.formats.style import Style

VERSION = 1


def place(span: Span) -> dict[str, object]:
    """A place with its end."""
    end = {"end_line": span.end_line or span.line, "end_column": span.end_column or span.column}
    return {"path": span.path.as_posix(), "line": span.line, "column": span.column, **end}


def as_fix(fix: Fix | None) -> dict[str, object] | None:
    """The edits that mend it, in characters of the file."""
    return {"title": fix.title, "safe": fix.safe, "edits": [asdict(e) for e in fix.edits]} if fix else None


def as_dict(each: Finding) -> dict[str, object]:
    """A finding."""
    return {
        "code": each.code,
        "name": each.name,
        "message": each.message,
        "severity": each.severity,
        "confidence": each.confidence,
        "practice": each.practice,
        "fingerprint": each.fingerprint,
        **place(each.span),
        "routes": [{"method": r.method, "path": r.path, "handler": r.handler} for r in each.routes],
        "chain": [{**place(hop.span), "calls": hop.callee} for hop in each.chain],
        "marks": [{**place(mark), "label": mark.label} for mark in each.marks],
        "fix": as_fix(each.fix),
    }


def as_json(report: Report, _: Style) -> str:
    """The report."""
    counts = ("files", "routes", "ignored", "hidden", "known", "gone")
    practices = [
        {"name": p.name, "findings": p.findings, "routes": p.routes, "failing": p.failing}
        for p in report.practices
    ]
    told: dict[str, object] = {"version": VERSION, "findings": [as_dict(each) for each in report.findings]}
    told |= {"practices": practices} | {name: getattr(report, name) for name in counts}
    told["skipped"] = [path.as_posix() for path in report.skipped]
    return json.dumps(told, indent=2)
