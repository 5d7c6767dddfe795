"""`shipworthy check`: plan, check, compare, fix, tell."""

import argparse
import sys

from shipworthy.check.baseline import subtract, write_baseline
from shipworthy.check.finding import Report, count
from shipworthy.check.formats import formatted
from shipworthy.check.formats.style import Style, wants_colours
from shipworthy.check.formats.summary import statistics, summary
from shipworthy.check.mend import ROUNDS, mended
from shipworthy.check.plan import Plan, plan
from shipworthy.check.progress import Progress
from shipworthy.check.registered import compare
from shipworthy.check.selection import UsageError
from shipworthy.check.view import without

CLEAN, FOUND, USAGE, NOTHING = 0, 1, 2, 3


def check_command(options: argparse.Namespace) -> int:
    """Check, and answer with an exit code."""
    if (options.unsafe_fixes or options.dry_run) and not options.fix:
        raise UsageError("--unsafe-fixes and --dry-run need --fix")
    if options.write_baseline and options.diff:
        raise UsageError("a baseline is of the whole project: --write-baseline goes without --diff")
    todo = plan(options)
    progress = Progress()
    try:
        if options.write_baseline:
            return remember(todo, progress)
        known = todo.before(options.diff, progress) if options.diff is not None else set()
        report = found(todo, options, known, progress)
        if options.fix:
            report = fix(report, todo, options, known, progress)
    finally:
        progress.clear()
    return tell(report, options)


def found(todo: Plan, options: argparse.Namespace, known: set[str], progress: Progress) -> Report:
    """What is found, less what is known."""
    report = todo.run(progress)
    app: str | None = options.app or todo.config.app
    if app:
        progress("importing the application")
        report = compare(report, todo, app, options.python or todo.config.python)
    if todo.baseline:
        report = subtract(report, todo.baseline)
    return without(report, known)


def remember(todo: Plan, progress: Progress) -> int:
    """Write the baseline."""
    report = todo.run(progress)
    progress.clear()
    if not todo.baseline:
        raise UsageError("there is no file for the baseline")
    write_baseline(report, todo.baseline, todo.config.root)
    sys.stdout.write(f"Wrote {count(len(report.findings), 'finding')} to {todo.baseline}\n")
    if not todo.config.baseline:
        sys.stdout.write(
            f'hint: say `baseline = "{todo.baseline.name}"` in [tool.shipworthy], or give --baseline\n'
        )
    return CLEAN


def fix(
    report: Report, todo: Plan, options: argparse.Namespace, known: set[str], progress: Progress
) -> Report:
    """Make fixes until there are none, and tell what is left; or show the first round of them."""
    made = 0
    for _ in range(1 if options.dry_run else ROUNDS):
        changed = list(mended(report.findings, unsafe=options.unsafe_fixes))
        if not changed:
            break
        made += sum(len(each.fixes) for each in changed)
        for each in changed:
            if options.dry_run:
                sys.stdout.write(each.diff())
            else:
                each.write()
        if not options.dry_run:
            report = found(todo, options, known, progress)
    progress.clear()
    done = "Would fix" if options.dry_run else "Fixed"
    sys.stderr.write(f"{done} {count(made, 'problem')}.\n")
    return report


def tell(report: Report, options: argparse.Namespace) -> int:
    """Write the report."""
    style = Style(wants_colours(options.color, sys.stdout))
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        told = formatted(options.format, report, Style()) + "\n"
        options.output.write_text(told, encoding="utf-8", errors="replace")
        text = f"{summary(report, style)}\nWrote {options.output}"
    elif options.statistics:
        text = "\n".join(filter(None, [statistics(report, style), summary(report, style)]))
    elif options.fix and options.dry_run:
        text = ""
    else:
        text = formatted(options.format, report, style)
    sys.stdout.write(text + "\n" if text else "")
    if report.findings:
        return FOUND
    return CLEAN if report.routes else NOTHING
