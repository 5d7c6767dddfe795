"""A page to read and to pass on: one file that asks for nothing else."""

import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from pathlib import Path

from shipworthy.check.builtin import every_rule
from shipworthy.check.finding import Finding, Practice, Report
from shipworthy.check.formats.full import Mark, by_file, marked
from shipworthy.check.formats.style import Style
from shipworthy.check.formats.summary import total

PAGE = Path(__file__).with_name("report.html").read_text(encoding="utf-8")
SPAN = re.compile(r"`([^`]+)`")


def html(report: Report, _: Style) -> str:
    """The report, filled into the page."""
    codes = {each.code for each in report.findings}
    rules = [rule for rule in every_rule() if rule.code in codes]
    parts = {
        "title": escape(Path.cwd().name),
        "total": escape(total(report, Style())),
        "practices": "".join(practice(each) for each in report.practices if each.findings),
        "passing": "".join(passing(each) for each in report.practices if not each.findings),
        "severities": filters("severity", Counter(each.severity for each in report.findings)),
        "rules": filters(
            "code", Counter(each.code for each in report.findings), {r.code: r.name for r in rules}
        ),
        "files": filters("file", Counter(each.path.as_posix() for each in report.findings)),
        "findings": "\n".join(map(article, sorted(report.findings, key=lambda each: each.severity)))
        or '<p class="none">Nothing to mend.</p>',
        "pages": "".join(f'<pre data-code="{rule.code}">{escape(rule.doc)}</pre>' for rule in rules),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], PAGE)


def practice(each: Practice) -> str:
    """A practice with its bar, to press."""
    share = 100 * (each.routes - each.failing) / each.routes if each.routes else 100 * (not each.findings)
    return (
        f'<button type="button" class="practice" aria-pressed="false" data-filter="practice"'
        f' data-value="{escape(each.name)}"><strong>{escape(each.name)}</strong>'
        f'<div class="bar"><i style="width:{share:.1f}%"></i></div><span>{escape(str(each))}</span></button>'
    )


def passing(each: Practice) -> str:
    """A practice that needs no attention, in short."""
    return f'<span title="{escape(str(each))}">{escape(each.name)}</span>'


def filters(kind: str, counts: Counter[str], names: dict[str, str] | None = None) -> str:
    """Buttons that narrow the list, the most frequent first."""
    return "".join(
        f'<button type="button" class="filter {kind}" aria-pressed="false" data-filter="{kind}"'
        f' data-value="{escape(value)}" title="{escape(value)}">'
        f"<span><bdi>{escape(label(value, names))}</bdi></span><em>{number}</em></button>"
        for value, number in counts.most_common()
    )


def label(value: str, names: dict[str, str] | None) -> str:
    """A value, with its name if it has one."""
    return f"{value} {names[value]}" if names else value


def article(each: Finding) -> str:
    """A finding with its source and the page of its rule."""
    attributes = {
        "severity": each.severity, "code": each.code, "practice": each.practice, "file": each.path.as_posix(),
    }  # fmt: skip
    told = "".join(f' data-{name}="{escape(value)}"' for name, value in attributes.items())
    place = f"{each.path.as_posix()}:{each.line}:{each.column}"
    routes = "".join(f" · {escape(str(route))}" for route in each.routes)
    message = SPAN.sub(r"<code>\1</code>", escape(each.message))
    about = f"<summary>About {each.code} {each.name}</summary>"
    return (
        f'<article class="{each.severity}"{told}><div>{"".join(chips(each))}'
        f"<h3>{message}</h3>"
        f'<span class="place">{escape(place)}{routes}</span></div>{source(each)}'
        f'<details data-code="{each.code}">{about}</details></article>'
    )


def chips(each: Finding) -> Iterator[str]:
    """Its severity, code, confidence and fix in short."""
    yield f'<span class="chip {each.severity}">{each.severity}</span>'
    yield f'<span class="chip">{each.code} {each.name}</span>'
    if each.confidence != "high":
        yield f'<span class="chip">{each.confidence} confidence</span>'
    if each.fix:
        flag = "--fix" if each.fix.safe else "--fix --unsafe-fixes"
        title = escape(each.fix.title.replace("`", ""))
        yield f'<span class="chip fix" title="{flag}">{title}</span>'


def source(each: Finding) -> str:
    """The marked lines, file by file."""
    if not each.span.text:
        return ""
    lines: list[str] = []
    groups = by_file(list(marked(each)))
    for path, marks in groups:
        if len(groups) > 1:
            lines.append(f'<div class="path">{escape(path.as_posix())}</div>')
        lines += map(line, sorted(marks, key=lambda mark: (mark.span.line, mark.span.column)))
    return f'<div class="source">{"".join(lines)}</div>'


def line(mark: Mark) -> str:
    """A line with its mark and what it is."""
    text, start = mark.span.text, mark.span.column - 1
    end = start + mark.span.width
    kind = ' class="own"' if mark.sign == "^" else ""
    shown = f"{escape(text[:start])}<mark{kind}>{escape(text[start:end])}</mark>{escape(text[end:])}"
    note = f"<small>{escape(mark.span.label)}</small>" if mark.span.label else ""
    return f"<div><b>{mark.span.line}</b><span>{shown}</span>{note}</div>"
