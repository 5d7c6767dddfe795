"""The command line. Exit codes: 0 clean, 1 findings, 2 usage, 3 nothing was checked."""

import argparse
import sys
from pathlib import Path

from shipworthy.check.engine import check
from shipworthy.check.report import FORMATS, as_json, summary
from shipworthy.check.rule import load

CLEAN, FOUND, USAGE, NOTHING = 0, 1, 2, 3


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    top = argparse.ArgumentParser(prog="shipworthy", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    checks = commands.add_parser("check", help="check a FastAPI codebase")
    checks.add_argument("paths", nargs="*", type=Path, default=[Path()], metavar="PATH")
    checks.add_argument("--format", choices=[*FORMATS, "json"], default="full")
    checks.add_argument("--select", type=codes, default=set(), metavar="CODES", help="only these rules")
    checks.add_argument("--ignore", type=codes, default=set(), metavar="CODES", help="not these rules")
    commands.add_parser("rule", help="explain a rule").add_argument(
        "code", choices=[rule.code for rule in load()]
    )
    return top


def codes(text: str) -> set[str]:
    """A comma-separated list of codes of rules that exist."""
    chosen = set(text.replace(" ", "").split(","))
    unknown = chosen - {rule.code for rule in load()}
    if unknown:
        raise argparse.ArgumentTypeError(f"no such rule: {', '.join(sorted(unknown))}")
    return chosen


def main(arguments: list[str]) -> int:
    """Run one command."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as stop:
        return USAGE if stop.code else CLEAN
    if options.command == "rule":
        sys.stdout.write(next(rule.doc for rule in load() if rule.code == options.code) + "\n")
        return CLEAN
    missing = [path for path in options.paths if not path.exists()]
    if missing:
        sys.stderr.write(f"error: there is no {missing[0]}\n")
        return USAGE
    return tell(options)


def tell(options: argparse.Namespace) -> int:
    """Check, and write the report."""
    report = check(options.paths, options.select, options.ignore)
    if options.format == "json":
        sys.stdout.write(as_json(report) + "\n")
    else:
        for each in report.findings:
            sys.stdout.write(FORMATS[options.format](each) + "\n")
        sys.stdout.write(summary(report) + "\n")
    if report.findings:
        return FOUND
    return CLEAN if report.routes else NOTHING


def script() -> None:
    """The installed command."""
    sys.exit(main(sys.argv[1:]))
