"""The commands. Exit codes: 0 clean, 1 findings, 2 usage, 3 nothing was checked."""

import argparse
import gc
import io
import os
import sys
import traceback
from pkgutil import resolve_name

from shipworthy.check.arguments import parser
from shipworthy.check.builtin import every_rule
from shipworthy.check.commands import CLEAN, FOUND, NOTHING, USAGE
from shipworthy.check.pages import index, page_of
from shipworthy.check.registered import ImportRefused
from shipworthy.check.selection import UsageError, meant

__all__ = ["CLEAN", "FOUND", "NOTHING", "USAGE", "main", "parser", "script"]
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run one command."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as stop:
        return USAGE if stop.code else CLEAN
    try:
        status: int = resolve_name(COMMANDS[options.command])(options)
    except UsageError as error:
        sys.stderr.write(f"error: {error}\n")
        return USAGE
    except ImportRefused as error:
        sys.stderr.write(f"error: {error}\n")
        return NOTHING
    except BrokenPipeError:
        raise
    except Exception:  # noqa: BLE001 - Python's own exit code for it would say: findings
        traceback.print_exc()
        sys.stderr.write("error: shipworthy failed, so nothing was checked; please report it\n")
        return NOTHING
    return status


def rule_command(options: argparse.Namespace) -> int:
    """Print the page of a rule."""
    rules = every_rule()
    codes = meant(options.rule, rules)
    sys.stdout.write("\n\n".join(page_of(rule) for rule in rules if rule.code in codes) + "\n")
    return CLEAN


def rules_command(options: argparse.Namespace) -> int:
    """Print the index."""
    sys.stdout.write(index(every_rule(), options.format) + "\n")
    return CLEAN


COMMANDS = {  # by name: what only one of them needs takes a third of the time in which the others start
    "check": "shipworthy.check.commands:check_command",
    "rule": "shipworthy.check.cli:rule_command",
    "rules": "shipworthy.check.cli:rules_command",
    "completion": "shipworthy.check.completion:completion_command",
    "contract": "shipworthy.contract.command:contract_command",
}


def script() -> None:
    """The installed command; who stops reading its output, as `head` does, has seen enough."""
    gc.disable()  # trees and reports hold no cycles, and the process is short
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a bar or a tick that an old terminal has no letter for
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = FOUND
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)
