"""``python -m bench``: see ``make bench`` and ``make bench-growth``."""

import asyncio
import shlex
import sys
from datetime import UTC, datetime

import click

from bench import database, machine, picture, report, results, startup
from bench.lineup import Contender
from bench.measure import Plan, Run
from bench.options import chosen
from bench.results import Participant, Results
from bench.table import plain

COMMAND = "make bench"


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
    with database.seeded() as url:
        found = Run(url, Plan(rounds, seconds))
        found.measure(contenders)
        start = {} if only else startup.measure(url)
        everything = described(found, contenders, start)
    results.save(everything)
    click.echo(plain(everything.figures()))
    if not only:
        publish(everything)


def described(found: Run, contenders: list[Contender], start: dict[str, str]) -> Results:
    """The run, with all that a reader of its figures needs to know."""
    arguments = shlex.join(sys.argv[2:])
    return Results(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        command=f'{COMMAND} ARGS="{arguments}"' if arguments else COMMAND,
        machine=asyncio.run(machine.facts(found.url)),
        participants=[Participant(each.name, each.title, each.least, each.aim) for each in contenders],
        samples=found.samples,
        missing=found.missing,
        start=start,
    )


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
