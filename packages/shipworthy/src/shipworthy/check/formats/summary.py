"""What a run comes to: a line for each practice, one that counts everything, and what to do next."""

from collections import Counter
from collections.abc import Iterator
from textwrap import fill

from shipworthy.check.finding import Practice, Report, count
from shipworthy.check.formats.style import Style

WIDTH = 100


def summary(report: Report, style: Style) -> str:
    """Practices, counts and hints."""
    return "\n".join([*practices(report, style), total(report, style), *hints(report, style)])


def practices(report: Report, style: Style) -> Iterator[str]:
    """How the project does at each line of the checklist: what fails in columns, what passes by name."""
    failing = [each for each in report.practices if each.findings]
    passing = [each.name for each in report.practices if not each.findings]
    width = max((len(each.name) for each in failing), default=0)
    for each in failing:
        yield f"{style('✗', 'red')} {each.name:<{width}}  {style(bar(each), 'dim')}{each}"
    if passing:
        names = fill(", ".join(passing), WIDTH, initial_indent="  ", subsequent_indent="  ")
        told = f"{len(passing)} of {count(len(report.practices), 'practice')} pass"
        yield f"{style('✓', 'green')} {told}:\n{names}"


def bar(each: Practice) -> str:
    """Ten cells, of which as many are full as routes pass; a few that fail are never rounded away."""
    if not each.routes:
        return " " * 12
    full = 10 * (each.routes - each.failing) // each.routes
    return f"{'█' * full}{'░' * (10 - full)}  "


def total(report: Report, style: Style) -> str:
    """`Found 3 problems in 28 files, 2 ignored.`."""
    if not report.files:
        return style("Nothing was checked: there are no Python files of request code here.", "yellow")
    fate = [f"{report.ignored} ignored"] if report.ignored else []
    fate += [f"{report.known} known before"] if report.known else []
    rest = f" ({', '.join(fate)})" if fate else ""
    where = f"{count(report.files, 'file')} with {count(report.routes, 'route')}"
    if not report.findings:
        return style(f"No problems in {where}{rest}.", "green" if report.routes else "yellow")
    kinds = Counter(each.severity for each in report.findings)
    told = " and ".join(count(kinds[kind], kind) for kind in ("error", "warning") if kinds[kind])
    return style(f"Found {told} in {where}{rest}.", "bold")


def hints(report: Report, style: Style) -> Iterator[str]:
    """What else there is."""
    safe = sum(bool(each.fix and each.fix.safe) for each in report.findings)
    unsafe = sum(bool(each.fix and not each.fix.safe) for each in report.findings)
    hint = style("hint:", "cyan")
    if safe:
        yield f"{hint} {safe} fixable with --fix (marked [*])"
    if unsafe:
        yield f"{hint} {unsafe} fixable with --fix --unsafe-fixes (marked [+])"
    if report.hidden:
        yield f"{hint} {report.hidden} less certain with --pedantic"
    if report.gone:
        yield f"{hint} {report.gone} in the baseline are mended; forget them with --write-baseline"
    if report.skipped:
        yield f"{hint} {count(len(report.skipped), 'place')} of tests and the like not read"
    if report.files and not report.routes:
        yield f"{hint} no route was found; name the folder of the application"


def statistics(report: Report, style: Style) -> str:
    """How often each rule was broken."""
    found = Counter((each.code, each.name) for each in report.findings)
    width = max((len(str(number)) for number in found.values()), default=1)
    return "\n".join(
        f"{number:>{width}}  {style(code, 'bold')} {name}"
        for (code, name), number in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    )
