"""The comments that hide a finding: `# shipworthy: ignore[SW101] -- reason`."""

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from shipworthy.check.finding import Finding
from shipworthy.check.fix import Edit, Fix
from shipworthy.check.source import Source

MARK = "shipworthy:"
COMMENT = re.compile(r"#\s*shipworthy:\s*ignore\b(?:\[(?P<codes>[^]]*)\])?(?:\s*--[^#]*)?")


@dataclass(eq=False)
class Ignore:
    """A comment: where it stands, the line it speaks of, and the codes that have hidden nothing yet."""

    source: Source
    line: int
    column: int
    text: str
    target: int
    codes: list[str]
    idle: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """All of them are idle at first."""
        self.idle = set(self.codes)


def comments(source: Source) -> Iterator[tuple[int, int, str]]:
    """The comments of a file; text that looks like one inside a string is none."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type == tokenize.COMMENT:
                yield *token.start, token.string
    except (tokenize.TokenError, SyntaxError):  # syntax that is newer than this Python
        for number, line in enumerate(source.lines, 1):
            if "#" in line and MARK in line:
                yield number, line.index("#"), line[line.index("#") :]


def ignores(source: Source) -> Iterator[Ignore]:
    """The ignores of a file; one on a line of its own speaks of the next line of code."""
    if MARK not in source.text:
        return
    lines = source.lines
    for number, column, text in comments(source):
        match = COMMENT.search(text)
        if match:
            codes = [code for code in re.split(r"[\s,]+", match["codes"] or "") if code]
            target = number if lines[number - 1][:column].strip() else following(lines, number)
            yield Ignore(source, number, column + match.start(), match[0].rstrip(), target, codes)


def following(lines: list[str], number: int) -> int:
    """The next line that holds code."""
    for offset, line in enumerate(lines[number:], number + 1):
        if line.strip() and not line.lstrip().startswith("#"):
            return offset
    return number


class Ignores:
    """The ignores of a project."""

    def __init__(self, sources: list[Source]) -> None:
        self.written = [each for source in sources for each in ignores(source)]

    def hide(self, finding: Finding) -> bool:
        """Whether a comment hides it: on a line of it, of its route, or of a call that it leads through."""
        headers = [
            replace(route.span, end_line=route.line or route.span.end_line) for route in finding.routes
        ]
        spans = [finding.span, *headers, *(hop.span for hop in finding.chain)]
        hiding = [
            each
            for each in self.written
            if finding.code in each.codes
            and any(s.path == each.source.path and s.line <= each.target <= s.end_line for s in spans)
        ]
        for each in hiding:
            each.idle.discard(finding.code)
        return bool(hiding)

    def useless(self, active: set[str], known: set[str]) -> Iterator[tuple[Ignore, str]]:
        """The comments that do nothing, each with why; a rule that did not run says nothing about them."""
        for each in self.written:
            unknown = [code for code in each.codes if code not in known]
            idle = [code for code in each.codes if code in each.idle & active]
            if not each.codes:
                yield each, "an ignore needs a code, as in `# shipworthy: ignore[SW101] -- reason`"
            elif unknown:
                yield each, f"there is no rule {', '.join(unknown)} to ignore"
            elif idle:
                yield each, f"nothing here is {', '.join(idle)}; remove the ignore"


def removal(each: Ignore) -> Fix | None:
    """Without the comment, or without its line if there is nothing else; not if it hides something else."""
    if each.idle != set(each.codes):
        return None
    lines = each.source.lines
    start = sum(len(line) + 1 for line in lines[: each.line - 1])
    line = lines[each.line - 1]
    before, after = line[: each.column], line[each.column + len(each.text) :]
    if not before.strip() and not after.strip():
        return Fix("remove the ignore", (Edit(start, min(start + len(line) + 1, len(each.source.text))),))
    first = start + len(before.rstrip()) if not after.strip() else start + each.column
    return Fix("remove the ignore", (Edit(first, start + each.column + len(each.text)),))
