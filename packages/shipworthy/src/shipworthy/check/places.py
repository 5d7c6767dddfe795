"""From nodes of a tree to places that a user can look up, and to fingerprints that survive line moves."""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from shipworthy.check.finding import Finding, Span
from shipworthy.check.source import Source

Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def lines_of(source: Source) -> list[str]:
    """The lines of a file, split once."""
    return source.lines


def line_at(source: Source, number: int) -> str:
    """A line, empty if there is no such line."""
    lines = lines_of(source)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def characters(line: str, octets: int) -> int:
    """A node's offset in characters; `ast` counts in octets of UTF-8."""
    return octets if line.isascii() else len(line.encode()[:octets].decode(errors="ignore"))


def span(source: Source, node: object, label: str = "") -> Span:
    """The place of a node; of a function or a class only its name."""
    line = getattr(node, "lineno", 1)
    text = line_at(source, line)
    start = characters(text, getattr(node, "col_offset", 0) or 0)
    if isinstance(node, Named):
        start = max(start, text.find(node.name, start + len("def")))
        return Span(source.path, line, start + 1, line, start + 1 + len(node.name), text, label)
    end_line = getattr(node, "end_lineno", None) or line
    last = line_at(source, end_line)
    end = characters(last, getattr(node, "end_col_offset", None) or start + 1)
    return Span(source.path, line, start + 1, end_line, end + 1, text, label)


@cache
def scopes(source: Source) -> list[tuple[int, int, str]]:
    """The functions and classes of a file: first line (that of a decorator counts), last line, name."""
    return sorted(
        (first_line(node), node.end_lineno or node.lineno, name) for name, node, _ in source.definitions
    )


def first_line(node: Named) -> int:
    """The line of the first decorator, or its own."""
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def scope_at(source: Source, line: int) -> str:
    """The innermost function or class around a line."""
    return next((name for first, last, name in reversed(scopes(source)) if first <= line <= last), "")


def relative(path: Path, root: Path) -> str:
    """A path as the project's own files name it, with slashes on every system."""
    return below(path.absolute(), root)


@cache
def below(path: Path, root: Path) -> str:
    """The same, asked of the file system once."""
    real = path.resolve()
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else real.as_posix()


def fingerprinted(findings: Iterable[tuple[Finding, Source | None]], root: Path) -> Iterator[Finding]:
    """Code, file, scope and text of the line name a finding; equal ones are counted."""
    seen: Counter[tuple[str, ...]] = Counter()
    for each, source in findings:
        scope = scope_at(source, each.line) if source else ""
        key = (each.code, relative(each.path, root), scope, " ".join(each.span.text.split()))
        told = "\0".join([*key, str(seen[key])])
        seen[key] += 1
        yield replace(each, fingerprint=hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:20])
