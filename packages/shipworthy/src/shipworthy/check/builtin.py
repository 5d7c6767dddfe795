"""What the checker says about its own work: the pages of codes that no module of `rules` stands for."""

from collections.abc import Iterator
from inspect import cleandoc

from shipworthy.check.rule import Problem, Rule, Severity, World, load


def nothing(_: None, __: World) -> Iterator[Problem]:
    """These are found elsewhere."""
    yield from ()


def page(code: str, name: str, doc: str, severity: Severity = "warning") -> Rule:
    """A code with its page."""
    return Rule(code, name, cleandoc(doc), "checker", severity, "high", deploy=False, wants=(), check=nothing)


UNREAD = page(
    "SW001",
    "unreadable-file",
    """A file cannot be read as Python.

    What is in it was not checked, so a clean report would promise too much.
    Mend the file, or say with `exclude` in `[tool.shipworthy]` that it is no
    code of yours.
    """,
    "error",
)
USELESS = page(
    "SW002",
    "useless-ignore",
    """A comment `# shipworthy: ignore[...]` hides nothing.

    The problem is mended, the comment stands on another line than the problem,
    it names no code, or there is no such rule. Remove it, or a later problem on
    that line is hidden by accident. `--fix` removes those that are not needed.

    An ignore names its codes and may give a reason:

        rows = db.execute(query)  # shipworthy: ignore[SW101] -- the cache keeps it to one call an hour

    On a line of its own it speaks of the next line of code. On a call that
    several chains lead through, one comment hides them all.
    """,
)
UNSEEN = page(
    "SW003",
    "unseen-route",
    """The application serves a route that was not found in its source.

    It is told by `--app module:attr`, which imports the application. Routes made
    by loops, by libraries or by code outside the given paths are not checked;
    this says which.
    """,
)
UNSERVED = page(
    "SW004",
    "unserved-route",
    """A route is declared that the application does not serve.

    It is told by `--app module:attr`, which imports the application. A router
    that nobody includes is either forgotten or dead code.
    """,
)
FAILED = page(
    "SW005",
    "failed-rule",
    """A rule failed on something in the code.

    What it would have said about that place is unknown; everything else was
    checked. It is a mistake of the checker: please report it with the code that
    it failed on. Until it is mended, `--ignore` the rule.
    """,
    "error",
)
BUILTIN = [UNREAD, USELESS, UNSEEN, UNSERVED, FAILED]


def every_rule() -> list[Rule]:
    """All that has a code and a page."""
    return [*BUILTIN, *load()]
