"""`make docs`, the checker's part: its options and its rules, as the checker itself knows them."""

import argparse

from shipworthy.check.arguments import parser
from shipworthy.check.builtin import every_rule
from shipworthy.check.config import KEYS
from shipworthy.check.pages import index, page_of

from dev.pages import rewrite


def options() -> str:
    """The options of `check` by group, then the keys of the configuration."""
    blocks = [
        f"### {(group.title or '').capitalize()}\n\n{table(rows)}"
        for group in checks()._action_groups  # noqa: SLF001 - there is no other way to ask argparse
        if (rows := [each for each in group._group_actions if each.dest != "help"])  # noqa: SLF001
    ]
    keys = "\n".join(f"| `{key}` | {kind} | {meaning} |" for key, ((kind, _), meaning) in KEYS.items())
    return "\n\n".join(
        [*blocks, f"### Keys of `[tool.shipworthy]`\n\n| key | value | |\n|---|---|---|\n{keys}"]
    )


def checks() -> argparse.ArgumentParser:
    """The parser of `check`."""
    actions = parser()._actions  # noqa: SLF001
    commands = next(each.choices for each in actions if each.choices and "check" in each.choices)
    return commands["check"]  # type: ignore[index,no-any-return]


def table(rows: list[argparse.Action]) -> str:
    """Options and what they do."""
    lines = [f"| {spelled(each)} | {each.help} |" for each in rows]
    return "\n".join(["| option | |", "|---|---|", *lines])


def spelled(action: argparse.Action) -> str:
    """An option as it is typed."""
    values = "\\|".join(action.choices) if action.choices else action.metavar
    name = ", ".join(action.option_strings)
    return f"`{' '.join(str(each) for each in (name, values if action.nargs != 0 else '') if each)}`"


def rules() -> str:
    """The index."""
    return index(every_rule(), "markdown")


def pages() -> str:
    """Every rule in full."""
    return "\n\n".join(f"## {page_of(rule)}" for rule in every_rule())


PAGES = {
    "docs/checker/options.md": options,
    "docs/checker/README.md": rules,
    "docs/checker/rules.md": pages,
}


if __name__ == "__main__":
    rewrite(PAGES)
