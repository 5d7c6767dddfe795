"""`python -m dev.predictions_figure` draws docs/images/predictions.svg: latency against load, both ways.

It needs a PostgreSQL (DATABASE_URL) and starts the process of the tests under load. Each point is what so
many clients get who ask again as soon as they are answered.
"""

import asyncio
import math
import os

from app.core import migrations
from tests.naive import BATCHED, NAIVE, Measured, measure, serving_both
from tests.processes import ROOT
from tests.support import make_settings

PICTURE = ROOT / "docs" / "images" / "predictions.svg"
CLIENTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
PATHS = {"inline": NAIVE, "batched": BATCHED}
COLOURS = {"inline": "#b3261e", "batched": "#1a6e4c"}
ROUNDS = {"inline": 3, "batched": 8}  # requests of each client, the slow ones fewer
LEAST = 40  # requests of a point
LEFT, RIGHT, TOP, BOTTOM = 70, 560, 40, 320
MILLISECONDS = (1, 10, 100, 1_000, 10_000, 100_000)
Points = dict[str, list[tuple[int, Measured]]]


async def measure_all(database_url: str) -> Points:
    """One way after the other, at each load."""
    points: Points = {}
    with serving_both(database_url, APP_LOG_LEVEL="warning", APP_PREDICTIONS_DEADLINE="60") as service:
        for name, path in PATHS.items():
            await measure(service, path, LEAST, 8)  # warm up
            points[name] = [
                (clients, await measure(service, path, max(LEAST, clients * ROUNDS[name]), clients))
                for clients in CLIENTS
            ]
    return points


def across(clients: int) -> float:
    """Where so many clients are on the picture."""
    return LEFT + (RIGHT - LEFT) * math.log(clients) / math.log(CLIENTS[-1])


def up(seconds: float) -> float:
    """Where so much time is."""
    low, high = math.log10(MILLISECONDS[0]), math.log10(MILLISECONDS[-1])
    return BOTTOM - (BOTTOM - TOP) * (math.log10(seconds * 1_000) - low) / (high - low)


def line(name: str, points: list[tuple[int, Measured]], part: float) -> str:
    """A quantile against load."""
    places = " ".join(f"{across(n):.0f},{up(each.burst.quantile(part)):.0f}" for n, each in points)
    dashes = ' stroke-dasharray="5 4"' if part > 0.5 else ""  # noqa: PLR2004 - the median is whole
    return f'<polyline points="{places}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"{dashes}/>'


def label(name: str, points: list[tuple[int, Measured]]) -> str:
    """What the line is, beside its end."""
    best = max(each.burst.rate for _, each in points)
    y = up(points[-1][1].burst.quantile(0.5)) + 4
    return f'<text x="{RIGHT + 8}" y="{y:.0f}" fill="{COLOURS[name]}">{name}: at most {best:,.0f}/s</text>'


def axes() -> list[str]:
    """Clients across, time upwards; both grow by factors."""
    drawn = [f'<text x="{LEFT}" y="22">Latency of a prediction (line: median, dashes: 99 %)</text>']
    for each in MILLISECONDS:
        y, text = up(each / 1_000), f"{each} ms" if each < MILLISECONDS[3] else f"{each // 1_000} s"
        drawn.append(f'<path d="M{LEFT} {y:.0f}H{RIGHT}" stroke="#ddd"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{text}</text>')
    y = BOTTOM + 18
    drawn += [f'<text x="{across(n):.0f}" y="{y}" text-anchor="middle">{n}</text>' for n in CLIENTS]
    drawn.append(f'<text x="{(LEFT + RIGHT) / 2:.0f}" y="{BOTTOM + 40}" text-anchor="middle">clients</text>')
    return drawn


def picture(points: Points) -> str:
    """The whole figure."""
    lines = [line(name, each, part) for name, each in points.items() for part in (0.5, 0.99)]
    body = "\n".join([*axes(), *lines, *(label(name, each) for name, each in points.items())])
    style = 'font-family="sans-serif" font-size="13" fill="#333"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 380" {style}>\n'
        f'<rect width="740" height="380" fill="#fff"/>\n{body}\n</svg>\n'
    )


async def main() -> str:
    """Measure and draw."""
    url = os.environ["DATABASE_URL"]
    await migrations.migrate(make_settings(url))
    points = await measure_all(url)
    for name, each in points.items():
        for clients, found in each:
            p50, p99 = (found.burst.quantile(part) * 1_000 for part in (0.5, 0.99))
            rate = found.burst.rate
            print(f"{name:8} {clients:4} clients {rate:7.0f}/s  p50 {p50:8.1f} ms  p99 {p99:8.1f} ms")
    return picture(points)


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(main()))
