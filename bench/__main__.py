"""``python -m bench``: see ``make bench``."""

import click

from bench.lineup import LINEUP
from bench.measure import Plan, measure
from bench.samples import summarise
from bench.table import plain


@click.command()
@click.option("--only", default="", help="Names of contenders, comma-separated.")
@click.option("--rounds", default=6, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="Of one sample.")
def main(only: str, rounds: int, seconds: float) -> None:
    """Measure the service beside its peers."""
    chosen = [each for each in LINEUP if not only or each.name in only.split(",")]
    run = measure(chosen, Plan(rounds, seconds))
    click.echo(plain(summarise(run.samples)))


if __name__ == "__main__":
    main()
