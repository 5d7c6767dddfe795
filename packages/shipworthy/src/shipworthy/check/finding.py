"""What is told to the user. Lines and columns count from 1, columns in characters."""

from dataclasses import dataclass, field
from pathlib import Path

from shipworthy.check.fix import Fix


@dataclass(frozen=True)
class Span:
    """A place in a file, the line it begins in, and what is to be said about it."""

    path: Path
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    text: str = ""
    label: str = ""

    @property
    def width(self) -> int:
        """How many characters of its first line it covers, at least one."""
        end = self.end_column if self.end_line == self.line else len(self.text.rstrip()) + 1
        return max(1, end - self.column)


@dataclass(frozen=True)
class Hop:
    """One call on the way from a route to what it reaches."""

    span: Span
    callee: str


@dataclass(frozen=True)
class RouteName:
    """A route that a finding is about."""

    method: str
    path: str | None
    handler: str  # with the classes and functions around it
    span: Span = field(repr=False)  # the decorator
    line: int = 0  # of the `def`, if it is in the same file
    file: Path = field(default=Path(), repr=False)  # of the handler

    def __str__(self) -> str:
        """`GET /items`, or the handler where the path is not written out."""
        return f"{self.method} {self.path}" if self.path is not None else f"{self.method} of `{self.handler}`"


@dataclass(frozen=True)
class Finding:
    """One problem at one place."""

    code: str
    name: str
    message: str
    span: Span
    severity: str = "error"
    confidence: str = "high"
    practice: str = "checker"
    deploy: bool = False
    chain: tuple[Hop, ...] = ()
    marks: tuple[Span, ...] = ()
    routes: tuple[RouteName, ...] = ()
    fix: Fix | None = None
    fingerprint: str = ""

    @property
    def path(self) -> Path:
        """The file."""
        return self.span.path

    @property
    def line(self) -> int:
        """The line it begins in."""
        return self.span.line

    @property
    def column(self) -> int:
        """The column it begins in."""
        return self.span.column


@dataclass(frozen=True)
class Practice:
    """How a project does at one line of the checklist."""

    name: str
    findings: int
    failing: int = 0
    routes: int | None = None  # None: it is not a practice of routes
    others: int = 0  # findings that are not about a route

    def __str__(self) -> str:
        """`41 of 48 routes pass, 1 other problem`."""
        if not self.routes:
            return count(self.findings, "problem") if self.findings else "passes"
        others = f", {count(self.others, 'other problem')}" if self.others else ""
        return f"{self.routes - self.failing} of {self.routes} routes pass{others}"


@dataclass(frozen=True)
class Report:
    """The outcome of a run."""

    findings: list[Finding]
    files: int = 0
    routes: int = 0
    ignored: int = 0
    hidden: int = 0  # not certain enough to be shown, or of interest in production only
    known: int = 0  # in the baseline, or in the base of a branch
    gone: int = 0  # in the baseline, and not found any more
    practices: tuple[Practice, ...] = ()
    declared: tuple[RouteName, ...] = ()
    skipped: tuple[Path, ...] = ()  # folders and files that are no request code


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
