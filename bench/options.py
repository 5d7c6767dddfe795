"""Contenders from the command line: applications that run already, and other versions of the service."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from bench.lineup import LINEUP, SERVICE, Contender
from bench.workloads import WORKLOADS

NAMES = {each.name for each in WORKLOADS}
GOALS = {"full-stack-fastapi-template": (3.0, 5.0)}  # what cannot be shipped here, and the ratios to reach


def chosen(
    only: str,
    against: Iterable[str],
    token: Iterable[str],
    path: Iterable[str],
    checkout: Iterable[str],
) -> list[Contender]:
    """The contenders of one run.

    Raises:
        click.UsageError: an option does not name what it is about.
    """
    names = only.split(",") if only else [each.name for each in LINEUP]
    if unknown := set(names) - {each.name for each in LINEUP}:
        raise click.UsageError(f"there is no contender {', '.join(sorted(unknown))}")
    others = {name: _other(name, url) for name, url in map(_split, against)}
    for name, value in map(_split, token):
        others[name] = replace(_known(others, name), tokens=(*_known(others, name).tokens, value))
    for place, value in map(_split, path):
        name, _, workload = place.partition(":")
        if workload not in NAMES:
            raise click.UsageError(f"--path is NAME:W1=/path, not {place}={value}")
        others[name] = replace(_known(others, name), paths=_known(others, name).paths | {workload: value})
    ours = [_version(name, folder) for name, folder in map(_split, checkout)]
    return [each for each in LINEUP if each.name in names] + ours + list(others.values())


def _split(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not name or not equals:
        raise click.UsageError(f"{option!r} is not NAME=VALUE")
    return name, value


def _other(name: str, url: str) -> Contender:
    least, aim = GOALS.get(name, (None, None))
    return Contender(name, name, url=url.rstrip("/"), least=least, aim=aim)


def _version(name: str, folder: str) -> Contender:
    return replace(SERVICE, name=name, title=name, root=Path(folder).resolve())


def _known(others: dict[str, Contender], name: str) -> Contender:
    if name not in others:
        raise click.UsageError(f"there is no --against {name}=...")
    return others[name]
