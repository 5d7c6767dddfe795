"""``python -m bench``: see ``make bench`` and ``make bench-growth``."""

import asyncio
import shlex
import sys
from datetime import UTC, datetime

import click

from bench import database, growth, growth_report, machine, picture, report, results, startup
from bench.endurance import endure
from bench.lineup import Contender
from bench.measure import Plan, Run
from bench.options import chosen
from bench.results import Participant, Results, quietness
from bench.table import plain

COMMAND, GROWTH = "make bench", "make bench-growth"


@click.group()
def main() -> None:
    """Measure the service; docs/benchmarks.md is written by these commands."""


@main.command()
@click.option("--only", default="", help="Names of contenders, comma-separated.")
@click.option("--rounds", default=6, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="Of one sample, at least.")
@click.option("--against", multiple=True, metavar="NAME=URL", help="A server that runs already.")
@click.option("--token", multiple=True, metavar="NAME=TOKEN", help="Its bearer token, or several.")
@click.option("--path", multiple=True, metavar="NAME:W2=/PATH", help="Where it has what a workload asks.")
@click.option("--checkout", multiple=True, metavar="NAME=FOLDER", help="Another version of the service.")
def run(only: str, rounds: int, seconds: float, **others: tuple[str, ...]) -> None:
    """Measure the service beside its peers. Only a run of all of them writes the page."""
    contenders = chosen(only, **others)
    with database.server() as server, database.seeded(server) as url:
        found = Run(url, Plan(rounds, seconds))
        found.measure(contenders)
        start = {} if only else startup.measure(url)
        everything = described(found, contenders, start)
    results.save(everything)
    click.echo(plain(everything.figures()))
    if not only:
        publish(everything)


def today() -> str:
    """The date, as in ISO 8601."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def command(target: str) -> str:
    """What to type for the same run."""
    arguments = shlex.join(sys.argv[2:])
    return f'{target} ARGS="{arguments}"' if arguments else target


def described(found: Run, contenders: list[Contender], start: dict[str, str]) -> Results:
    """The run, with all that a reader of its figures needs to know."""
    return Results(
        date=today(),
        command=command(COMMAND),
        machine=asyncio.run(machine.facts(found.url)),
        participants=[Participant(each.name, each.title, each.least, each.aim) for each in contenders],
        samples=found.samples,
        missing=found.missing,
        start=start,
    )


@main.command("growth")
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="Of one sample.")
@click.option(
    "--rows", default=100_000, show_default=True, help="Largest table: 10000000 takes long to fill."
)
@click.option("--connections", default=2_000, show_default=True, help="The largest number.")
@click.option("--requests", default=20_000, show_default=True, help="To look at the memory after.")
@click.option(
    "--only", default="", help="rows, routes, connections, pages, workers, memory; comma-separated."
)
def grow(rounds: int, seconds: float, only: str, **largest: int) -> None:
    """Measure how cost grows. Only a run of everything writes the page."""
    sizes = [10**power for power in range(3, 9) if 10**power <= largest["rows"]]
    crowds = [each for each in growth.CONNECTIONS if each <= largest["connections"]]
    names = only.split(",") if only else [*growth.DIMENSIONS, "memory"]
    with database.server() as server, database.seeded(server) as url:
        plan = growth.Plan(server, url, rounds, seconds, sizes, crowds)
        dimensions = [measure for name, measure in growth.DIMENSIONS.items() if name in names]
        series = [each for measure in dimensions for each in measure(plan)]
        endurance = endure(url, largest["requests"]) if "memory" in names else None
        about = f"Measured on {today()} by `{command(GROWTH)}`. {quietness(growth.noise(series))}"
    text = growth_report.section(about, series, endurance)
    click.echo(text)
    if not only:
        report.write(GROWTH, text)


@main.command()
def page() -> None:
    """Write the page and the picture of the last run again."""
    publish(results.load())


def publish(everything: Results) -> None:
    """Into docs/."""
    report.write(COMMAND, report.page(everything))
    picture.write(everything)
    click.echo(f"written     {report.PAGE}")


if __name__ == "__main__":
    main()
