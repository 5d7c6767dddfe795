"""The results as a picture: two rows of bars, in colours that suit a light and a dark page."""

from collections.abc import Callable, Sequence
from html import escape
from statistics import geometric_mean

from bench.environments import ROOT
from bench.lineup import SERVICE
from bench.results import Results
from bench.samples import Cell, Figure
from bench.workloads import AUTHENTICATED, FEW

FILE = ROOT / "docs" / "images" / "benchmarks.svg"
LABEL, BARS, VALUE, GAP = 240, 230, 62, 24  # widths
LINE, TOP = 30, 64  # heights
STYLE = """
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .head { font-weight: 600 } .soft { fill: #59636e; font-size: 12px } .ours { font-weight: 600 }
  rect { fill: #b6bfc9 } rect.ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .soft { fill: #9198a1 } rect { fill: #4b535d } rect.ours { fill: #4493f8 }
  }
"""
Bar = tuple[str, str, float]  # name, label, value


def draw(results: Results) -> str:
    """The SVG."""
    cpu = _bars(results, lambda figure: figure.cpu)
    cpu.sort(key=lambda bar: bar[2])
    rates = {name: value for name, _, value in _bars(results, lambda figure: figure.rate)}
    left = _column(cpu, LABEL, "CPU of a request", "microseconds; less is better")
    right = _column(
        [(name, label, rates[name]) for name, label, _ in cpu],
        LABEL + BARS + VALUE + GAP,
        "Requests a second",
        "one process, 32 connections; more is better",
    )
    labels = [_text(LABEL - 10, at, label, _class(name), "end") for at, (name, label, _) in enumerate(cpu)]
    width, height = LABEL + 2 * (BARS + VALUE) + GAP, TOP + LINE * len(cpu) + 8
    parts = "\n".join([*labels, *left, *right])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>Geometric means over W2 to W5</title>\n<style>{STYLE}</style>\n{parts}\n</svg>\n"
    )


def write(results: Results) -> None:
    """Into docs/."""
    FILE.write_text(draw(results))


def _bars(results: Results, value: Callable[[Figure], float]) -> list[Bar]:
    figures = results.figures()
    cells = [Cell(name, FEW) for name in AUTHENTICATED]
    return [
        (
            each.name,
            each.title.replace("*", ""),
            geometric_mean(value(figures[each.name][cell]) for cell in cells),
        )
        for each in results.participants
        if each.name in figures
    ]


def _column(bars: Sequence[Bar], left: int, head: str, unit: str) -> list[str]:
    longest = max(value for _, _, value in bars)
    parts = [
        f'<text class="head" x="{left}" y="22">{escape(head)}</text>',
        f'<text class="soft" x="{left}" y="41">{escape(unit)}</text>',
    ]
    for at, (name, _, value) in enumerate(bars):
        width = max(2, round(BARS * value / longest))
        kind = f' class="{_class(name)}"' if _class(name) else ""
        parts.append(f'<rect{kind} x="{left}" y="{TOP + LINE * at}" width="{width}" height="18" rx="3"/>')
        parts.append(_text(left + width + 6, at, f"{value:,.0f}", _class(name)))
    return parts


def _text(left: int, at: int, words: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{left}" y="{TOP + LINE * at + 14}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _class(name: str) -> str:
    return "ours" if name == SERVICE.name else ""
