"""Figures as text for the terminal."""

from bench.lineup import SERVICE
from bench.samples import Cell, Figure, Figures, ratio


def plain(figures: Figures) -> str:
    """Requests a second and microseconds of CPU for each cell, then the ratios."""
    cells = list(dict.fromkeys(cell for row in figures.values() for cell in row))
    lines = ["".join(["contender".ljust(20), *(f"{_name(cell):>22}" for cell in cells)])]
    lines += [
        "".join([name.ljust(20), *(_cell(row[cell]) for cell in cells)]) for name, row in figures.items()
    ]
    lines.append("  requests a second / microseconds of CPU a request / p99 in milliseconds; * is noisy")
    return "\n".join(lines + ratios(figures))


def ratios(figures: Figures) -> list[str]:
    """The service against each of the others."""
    ours = figures.get(SERVICE.name)
    if ours is None:
        return []
    found = {name: ratio(ours, row) for name, row in figures.items() if name != SERVICE.name}
    return [
        f"service / {name:<20} throughput {each.rate:5.2f}   CPU {each.cpu:5.2f}"
        for name, each in found.items()
    ]


def _name(cell: Cell) -> str:
    return f"{cell.workload} {'paced' if cell.paced else f'c={cell.connections}'}"


def _cell(figure: Figure) -> str:
    mark = "" if figure.reliable else "*"
    return f"{figure.rate:>9,.0f} /{figure.cpu:>5.0f} /{figure.p99:>4.0f}{mark:1}"
