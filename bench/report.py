"""The results as a page: tables of figures, and of ratios beside what was asked for."""

import re
from collections.abc import Callable, Sequence

from bench.environments import ROOT
from bench.lineup import SERVICE
from bench.measure import CROWDED, HALF, ONE
from bench.results import Participant, Results, quietness
from bench.samples import Cell, Figure, ratio
from bench.workloads import FEW, MANY, WORKLOADS

PAGE = ROOT / "docs" / "benchmarks.md"
CELLS = [Cell(each.name, FEW) for each in WORKLOADS]
TUTORIAL = "tutorial"
TAIL = {
    ONE: f"W2 at {FEW} connections, p50 / p99 ms",
    CROWDED: f"W2 at {MANY}, p50 / p99 ms",
    HALF: "W2 at half of its capacity, p50 / p99 ms",
}
Row = Sequence[str]


def write(section: str, text: str) -> None:
    """Replace what a command has written between its marks."""
    start, end = f"<!-- written by `{section}` -->", f"<!-- end of `{section}` -->"
    pattern = re.compile(rf"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda _: f"{start}\n\n{text}\n\n{end}", PAGE.read_text()))


def page(results: Results) -> str:
    """The section of ``make bench``."""
    return "\n\n".join(
        [
            f"Measured on {results.date} by `{results.command}`. {quietness(results.noise())}",
            "![The CPU time of a request, and requests a second](images/benchmarks.svg)",
            "### The service beside the others",
            _ratios(results),
            "### Requests a second",
            _table(results, [*CELLS], lambda figure: f"{figure.rate:,.0f}"),
            "### Microseconds of CPU a request",
            _table(results, [*CELLS], lambda figure: f"{figure.cpu:,.0f}"),
            "### Latency and memory",
            *_tail_goal(results),
            _tails(results),
            "### Start and size",
            table(["what", "measured"], list(results.start.items())),
            "### Measured on",
            table(["what", "which"], list(results.machine.items())),
            *_missing(results),
        ]
    )


def table(heads: Row, rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _table(results: Results, cells: list[Cell], show: Callable[[Figure], str]) -> str:
    figures = results.figures()
    rows = [
        [each.title, *(_marked(figures[each.name][cell], show) for cell in cells)]
        for each in results.participants
        if each.name in figures
    ]
    return table(["contender", *(cell.workload for cell in cells)], rows)


def _marked(figure: Figure, show: Callable[[Figure], str]) -> str:
    return show(figure) if figure.reliable else f"{show(figure)}\\*"


def _tails(results: Results) -> str:
    figures = results.figures()
    rows = []
    for each in results.participants:
        if row := figures.get(each.name):
            tails = [
                _marked(row[cell], lambda figure: f"{figure.p50:,.0f} / {figure.p99:,.0f}") for cell in TAIL
            ]
            held = row[CROWDED].memory
            rows.append([each.title, *tails, f"{held.rss:,.0f}", f"{held.pss:,.0f}"])
    return table(["contender", *TAIL.values(), "RSS MiB", "PSS MiB"], rows)


def _tail_goal(results: Results) -> list[str]:
    """Who is slow in the crowd? The service should not be slower than what it grew out of."""
    figures = results.figures()
    if TUTORIAL not in figures:
        return []
    found = figures[SERVICE.name][CROWDED].p99 / max(figures[TUTORIAL][CROWDED].p99, 0.001)
    verdict = "reached" if found <= 1 else "**not reached**"
    said = f"At {MANY} connections, p99 is {found:.2f} of the tutorial style's; at most 1 is asked for"
    return [f"{said}: {verdict}."]


def _ratios(results: Results) -> str:
    figures = results.figures()
    ours = figures[SERVICE.name]
    rows = []
    for each in results.participants:
        if each.name in figures and each.name != SERVICE.name:
            found = ratio(ours, figures[each.name])
            rows.append(
                [
                    each.title,
                    f"{found.rate:.2f}",
                    f"{found.cpu:.2f}",
                    *_goals(each, min(found.rate, found.cpu)),
                ]
            )
    return table(["the service against", "throughput", "CPU", "at least", "aim", "reached"], rows)


def _goals(participant: Participant, reached: float) -> Row:
    if participant.least is None or participant.aim is None:
        return "", "", ""
    least, aim = participant.least, participant.aim
    verdict = "the aim" if reached >= aim else "yes" if reached >= least else "**no**"
    return f"{least:g}", f"{aim:g}", verdict


def _missing(results: Results) -> list[str]:
    if not results.missing:
        return []
    return ["Not measured: " + "; ".join(f"{name} ({why})" for name, why in results.missing.items()) + "."]
