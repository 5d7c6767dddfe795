"""Make the fixes: in the files, or as a diff."""

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from shipworthy.check.finding import Finding
from shipworthy.check.fix import Fix, apply

ROUNDS = 10  # a fix may make room for another


@dataclass(frozen=True)
class Text:
    """A file as the parser sees it, with what is needed to write it back."""

    text: str
    encoding: str
    newline: str

    def encoded(self, text: str) -> bytes:
        """Another text in the manner of this file."""
        return text.replace("\n", self.newline).encode(self.encoding)


@dataclass(frozen=True)
class Mended:
    """A file before and after."""

    path: Path
    before: Text
    after: str
    fixes: list[Fix]

    def write(self) -> None:
        """Write it."""
        self.path.write_bytes(self.before.encoded(self.after))

    def diff(self) -> str:
        """What would be written."""
        name = self.path.as_posix()
        before, after = self.before.text.splitlines(keepends=True), self.after.splitlines(keepends=True)
        told = unified_diff(before, after, name, name)
        return "".join(
            line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in told
        )


def load_text(path: Path) -> Text | None:
    """A file's text; nothing if its line ends are mixed, as they could not be kept."""
    octets = path.read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(octets).readline)
    text = octets.decode(encoding)
    windows = text.count("\r\n")
    if text.count("\r") != windows or windows not in {0, text.count("\n")}:
        return None
    return Text(text.replace("\r\n", "\n"), encoding, "\r\n" if windows else "\n")


def mended(findings: list[Finding], *, unsafe: bool) -> Iterator[Mended]:
    """The files that change, one round."""
    fixes: defaultdict[Path, list[tuple[Finding, Fix]]] = defaultdict(list)
    for each in findings:
        if each.fix and (each.fix.safe or unsafe):
            fixes[each.path].append((each, each.fix))
    for path, wanted in fixes.items():
        before = load_text(path)
        if before:
            lines = before.text.split("\n")
            fresh = [fix for each, fix in wanted if lines[each.line - 1 : each.line] == [each.span.text]]
            after, made = careful(before.text, fresh)
            if after != before.text:
                yield Mended(path, before, after, made)


def careful(text: str, fixes: list[Fix]) -> tuple[str, list[Fix]]:
    """The fixes after which the file still parses: all of them, or else the first that does."""
    for some in (fixes, *([fix] for fix in fixes)):
        after, made = apply(text, some)
        if parses(after):
            return after, made
    return text, []


def parses(text: str) -> bool:
    """Whether it is Python."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
