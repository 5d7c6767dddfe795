"""What the command line takes."""

import argparse
from pathlib import Path

from shipworthy import __version__
from shipworthy.check.formats import FORMATS

ABOUT = """\
The production checklist for FastAPI, run by a machine.

Exit codes: 0 clean, 1 findings, 2 usage, 3 nothing was checked.
"""
SHELLS = ("bash", "zsh", "fish")
EXAMPLES = """\
examples:
  shipworthy check                          the code below this folder
  shipworthy check app --format concise     one line for each problem
  shipworthy check --write-baseline         live with what there is today
  shipworthy check --diff origin/main       only what this branch adds
  shipworthy check --fix --dry-run          show what would be fixed
"""


def parser(files: object = None) -> argparse.ArgumentParser:
    """All commands; `files` is how a shell completes the name of one."""
    top = argparse.ArgumentParser(
        prog="shipworthy", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--version", action="version", version=f"shipworthy {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    check_arguments(commands).complete = files  # type: ignore[attr-defined]
    rule = commands.add_parser("rule", help="explain a rule", description="Explain a rule.")
    rule.add_argument("rule", metavar="CODE", help="its code or its name")
    rules = commands.add_parser("rules", help="list the rules", description="List the rules.")
    rules.add_argument("--format", choices=["text", "json", "markdown"], default="text")
    broken = commands.add_parser("contract", help="compare two OpenAPI documents", description=CONTRACT)
    broken.add_argument("old", type=Path, metavar="OLD", help="the document that clients rely on")
    broken.add_argument("new", type=Path, metavar="NEW", help="the document that shall replace it")
    completion = commands.add_parser(
        "completion", help="print a script that completes commands", description=COMPLETION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    completion.add_argument("shell", choices=SHELLS)
    return top


CONTRACT = """\
Compare two OpenAPI documents: 0 if every client of the old one still works, 1 if not, 2 for unusable input.
"""
COMPLETION = """\
Print a script that completes commands, for the shell to read:

  bash  shipworthy completion bash > ~/.local/share/bash-completion/completions/shipworthy
  zsh   shipworthy completion zsh > "${fpath[1]}/_shipworthy"
  fish  shipworthy completion fish > ~/.config/fish/completions/shipworthy.fish
"""


def check_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.Action:
    """The arguments of `check`; answers with that of the paths."""
    check = commands.add_parser(
        "check", help="check a FastAPI codebase", epilog=EXAMPLES,
        description="Check a FastAPI codebase without importing it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    paths = check.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: this folder")
    rules_arguments(check.add_argument_group("rules"))
    output_arguments(check.add_argument_group("output"))
    adopt_arguments(check.add_argument_group("adopting it"))
    fix_arguments(check.add_argument_group("fixing"))
    app_arguments(check.add_argument_group("project"))
    return paths


def rules_arguments(group: "argparse._ArgumentGroup") -> None:
    """Which rules."""
    group.add_argument(
        "--select", type=listed, metavar="RULES", help="only these: codes, their beginnings, names"
    )
    group.add_argument("--ignore", type=listed, default=[], metavar="RULES", help="not these")
    group.add_argument("--pedantic", action="store_true", help="tell what is less than nearly certain, too")
    group.add_argument("--deploy", action="store_true", help="tell what matters in production only, too")


def output_arguments(group: "argparse._ArgumentGroup") -> None:
    """How it is told."""
    group.add_argument("--format", choices=FORMATS, default="full", help="default: full")
    group.add_argument(
        "--output", type=Path, metavar="FILE", help="write the report there, and a summary here"
    )
    group.add_argument("--statistics", action="store_true", help="count by rule instead of telling each")
    group.add_argument("--color", choices=["auto", "always", "never"], default="auto", help="default: auto")


def adopt_arguments(group: "argparse._ArgumentGroup") -> None:
    """What is known already."""
    group.add_argument("--baseline", type=Path, metavar="FILE", help="do not tell what this file knows")
    group.add_argument("--write-baseline", action="store_true", help="write what is found to the baseline")
    group.add_argument("--diff", metavar="BASE", help="only what is new since the branch left this commit")


def fix_arguments(group: "argparse._ArgumentGroup") -> None:
    """What is mended."""
    group.add_argument("--fix", action="store_true", help="fix what can be fixed safely")
    group.add_argument("--unsafe-fixes", action="store_true", help="with --fix: what clients may notice, too")
    group.add_argument("--dry-run", action="store_true", help="with --fix: print a diff and change nothing")


def app_arguments(group: "argparse._ArgumentGroup") -> None:
    """What it is about."""
    group.add_argument(
        "--app", metavar="MODULE:ATTR", help="import the application, too, and compare its routes"
    )
    group.add_argument("--python", metavar="PROGRAM", help="with --app: the Python that has its dependencies")
    group.add_argument("--config", type=Path, metavar="FILE", help="a TOML file with [tool.shipworthy]")


def listed(text: str) -> list[str]:
    """What is between commas."""
    return [each.strip() for each in text.split(",") if each.strip()]
