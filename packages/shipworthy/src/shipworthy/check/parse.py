"""From a file to a tree, whatever is in it."""

import ast
import codecs
import io
import tokenize
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shipworthy.check.modern import older

DECLARED = 400  # bytes: an encoding is declared in the first two lines


@dataclass(frozen=True)
class Unread:
    """A file that could not be parsed."""

    path: Path
    line: int
    reason: str


def parse(path: Path, module: str, data: bytes) -> tuple[str, ast.Module] | Unread:
    """The text and the tree of a file; what cannot be parsed is told, never skipped in silence."""
    try:
        return parsed(module, path.name, data)
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        return Unread(path, getattr(error, "lineno", None) or 1, reason)


@cache
def parsed(module: str, name: str, data: bytes) -> tuple[str, ast.Module]:  # noqa: ARG001 - they tell twins apart
    """The same, once for a file that a branch left as it was; no two of one project share a tree."""
    text = decoded(data)
    return text, tree_of(text)


def decoded(data: bytes) -> str:
    """The text of a file, in the encoding it declares."""
    head = data[:DECLARED]
    if data.startswith(codecs.BOM_UTF8) or b"coding" in head or b"\r" in data:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    return data.decode()


def tree_of(text: str) -> ast.Module:
    """The tree; what only a newer Python can parse is put into older words first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError as error:
            rewritten = older(text)
            if rewritten == text:
                raise
            try:
                return ast.parse(rewritten)
            except SyntaxError:
                raise error from None
