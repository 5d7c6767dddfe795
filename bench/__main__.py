"""``python -m bench``: see ``make bench`` and ``make bench-growth``."""

import click

from bench import database
from bench.measure import Plan, Run
from bench.options import chosen
from bench.samples import summarise
from bench.table import plain


@click.group()
def main() -> None:
    """Measure the service; the pages of docs/ are written by these commands."""


@main.command()
@click.option("--only", default="", help="Names of contenders, comma-separated.")
@click.option("--rounds", default=6, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="Of one sample, at least.")
@click.option("--against", multiple=True, metavar="NAME=URL", help="A server that runs already.")
@click.option("--token", multiple=True, metavar="NAME=TOKEN", help="Its bearer token, or several.")
@click.option("--path", multiple=True, metavar="NAME:W2=/PATH", help="Where it has what a workload asks.")
@click.option("--checkout", multiple=True, metavar="NAME=FOLDER", help="Another version of the service.")
def run(only: str, rounds: int, seconds: float, **others: tuple[str, ...]) -> None:
    """Measure the service beside its peers."""
    contenders = chosen(only, **others)
    with database.seeded() as url:
        found = Run(url, Plan(rounds, seconds))
        found.measure(contenders)
    click.echo(plain(summarise(found.samples)))


if __name__ == "__main__":
    main()
