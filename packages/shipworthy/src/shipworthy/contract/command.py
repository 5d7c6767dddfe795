"""The command: compare two files, say what breaks, and answer with an exit code."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shipworthy.contract.operations import compare

BROKEN = 1
UNUSABLE = 2  # also argparse's own


class NotADocument(Exception):
    """The file cannot be read as an OpenAPI 3 document."""


def main(argv: Sequence[str] | None = None) -> int:
    """Compare two documents: 0 if every client of the old one still works, 1 if not, 2 for unusable input."""
    parser = argparse.ArgumentParser(prog="python -m shipworthy.contract", description=main.__doc__)
    parser.add_argument("old", type=Path, help="OpenAPI 3 document (JSON) that clients rely on")
    parser.add_argument("new", type=Path, help="OpenAPI 3 document (JSON) that shall replace it")
    return contract_command(parser.parse_args(argv))


def contract_command(options: argparse.Namespace) -> int:
    """The same, of arguments that have been read."""
    try:
        breaks = compare(_read(options.old), _read(options.new))
    except NotADocument as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return UNUSABLE
    for each in breaks:
        print(each, end="\n\n")  # noqa: T201
    print(f"{len(breaks)} breaking {'change' if len(breaks) == 1 else 'changes'}")  # noqa: T201
    return BROKEN if breaks else 0


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotADocument(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise NotADocument(f"{path} is not JSON: {error}") from None
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise NotADocument(f"{path} is not an OpenAPI 3 document")
    return document
