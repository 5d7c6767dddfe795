"""`db: Session = Depends(get_db)` becomes `db: Annotated[Session, Depends(get_db)]`."""

import ast
from collections.abc import Callable, Iterator

from shipworthy.check.fix import Edit, Fix
from shipworthy.check.fixes.imports import need
from shipworthy.check.fixes.text import end_of, start_of, written
from shipworthy.check.nodes import Function
from shipworthy.check.source import Source

Test = Callable[[ast.expr], bool]


def annotated(source: Source, function: Function, is_depends: Test, *, called: bool) -> Fix | None:
    """The parameters that can lose their default: not those behind a default that stays.

    A caller that left the parameter out got the marker, and now gets an error.
    """
    found = list(movable(function, is_depends))
    name = need(source, "typing", "Annotated")
    if not found or not name or deferred_closure(source, function):
        return None
    local, edits = name
    moved = [
        Edit(start_of(source, argument.annotation), end_of(source, default), annotation)
        for argument, default in found
        if argument.annotation
        and (annotation := f"{local}[{written(source, argument.annotation)}, {written(source, default)}]")
    ]
    return Fix("move `Depends` into `Annotated`", (*edits, *moved), safe=not called)


def with_defaults(function: Function) -> list[tuple[ast.arg, ast.expr]]:
    """The positional parameters that have a default, in order."""
    positional = [*function.args.posonlyargs, *function.args.args]
    return list(
        zip(positional[len(positional) - len(function.args.defaults) :], function.args.defaults, strict=True)
    )


def movable(function: Function, is_depends: Test) -> Iterator[tuple[ast.arg, ast.expr]]:
    """Positional ones up to the first default that stays, and the keyword-only ones."""
    for argument, default in with_defaults(function):
        if not (is_depends(default) and argument.annotation):
            break
        yield argument, default
    for argument, keyword_default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if keyword_default and is_depends(keyword_default) and argument.annotation:
            yield argument, keyword_default


def deferred_closure(source: Source, function: Function) -> bool:
    """Whether annotations are text that is read where the names of a factory are unknown."""
    futures = [
        node for node in source.tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    deferred = any(alias.name == "annotations" for node in futures for alias in node.names)
    return deferred and function not in source.tree.body
