"""The growth of costs as tables, each with its exponent."""

from collections.abc import Callable, Mapping, Sequence

from bench.endurance import Endurance
from bench.fit import exponent, slope, verdict
from bench.growth import Series
from bench.report import table
from bench.samples import Figure

TOO_FEW = " (too few answers)"
Value = Callable[[Figure], float]
COLUMNS: Mapping[str, Value] = {
    "CPU, us": lambda figure: figure.cpu,
    "PostgreSQL's CPU, us": lambda figure: figure.database,
    "requests/s": lambda figure: figure.rate,
    "p50 ms": lambda figure: figure.p50,
    "p99 ms": lambda figure: figure.p99,
    "RSS MiB": lambda figure: figure.memory.rss,
}


def section(about: str, series: Sequence[Series], endurance: Endurance | None) -> str:
    """The section of ``make bench-growth``."""
    parts = [about, _exponents(series), *map(_table, series)]
    if endurance:
        parts.append(_endurance(endurance))
    return "\n\n".join(parts)


def _exponents(series: Sequence[Series]) -> str:
    rows = [_exponent(each) for each in series]
    heads = ["request", "what grows", "exponent of the CPU time", "of PostgreSQL's", "one more costs"]
    return table(heads, rows)


def _exponent(series: Series) -> Sequence[str]:
    sound = {size: figure for size, figure in series.figures.items() if figure.sound}
    if len(sound) < 2:  # noqa: PLR2004 - one point has no exponent
        return series.title, series.grows, "too few answers", "", ""
    costs = {size: figure.cpu for size, figure in sound.items()}
    queries = {size: figure.database for size, figure in sound.items()}
    return (
        series.title,
        f"{series.grows}: {min(costs):,} to {max(costs):,}",
        verdict(exponent(costs)),
        verdict(exponent(queries)) if min(queries.values()) > 1 else "",
        f"{slope(costs):.0f} us" if series.grows == "items" else "",
    )


def _table(series: Series) -> str:
    rows = [
        [
            f"{size:,}{'' if figure.sound else TOO_FEW}",
            *(f"{value(figure):,.0f}" for value in COLUMNS.values()),
            str(figure.errors),
        ]
        for size, figure in series.figures.items()
    ]
    return f"### {series.title}: {series.grows}\n\n{table([series.grows, *COLUMNS, 'errors'], rows)}"


def _endurance(endurance: Endurance) -> str:
    places = list(endurance.memory.items())
    shown = places[:: max(1, len(places) // 10)]
    rows = [[f"{done:,}", f"{held:.1f}"] for done, held in shown]
    said = f"A thousand more requests of W1 to W5 in turn add {endurance.per_thousand():.1f} KiB."
    return f"### Memory over many requests\n\n{said}\n\n{table(['requests', 'RSS MiB'], rows)}"
