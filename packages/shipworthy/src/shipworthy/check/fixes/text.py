"""Offsets and keyword arguments."""

import ast
from functools import cache
from itertools import accumulate

from shipworthy.check.fix import Edit
from shipworthy.check.places import characters, line_at, lines_of
from shipworthy.check.source import Source


@cache
def starts(source: Source) -> list[int]:
    """Where each line begins."""
    return [0, *accumulate(len(line) + 1 for line in lines_of(source))]


def offset(source: Source, line: int, octets: int) -> int:
    """A place of the parser as an index into the text."""
    return starts(source)[line - 1] + characters(line_at(source, line), octets)


def start_of(source: Source, node: ast.AST) -> int:
    """Where a node begins."""
    return offset(source, getattr(node, "lineno", 1), getattr(node, "col_offset", 0))


def end_of(source: Source, node: ast.AST) -> int:
    """Where a node ends."""
    return offset(source, getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0))


def written(source: Source, node: ast.AST) -> str:
    """A node as it is written."""
    return source.text[start_of(source, node) : end_of(source, node)]


def parts(call: ast.Call) -> list[ast.expr | ast.keyword]:
    """The arguments of a call in the order in which they are written."""
    return sorted([*call.args, *call.keywords], key=lambda each: (each.lineno, each.col_offset))


def keyword(source: Source, call: ast.Call, name: str, value: str) -> tuple[Edit, ...]:
    """Give a call an argument, or its argument another value; nothing where that is not sure to work."""
    given = next((each for each in call.keywords if each.arg == name), None)
    if given:
        return (Edit(start_of(source, given.value), end_of(source, given.value), value),)
    end = end_of(source, call) - 1
    if not parts(call):
        return (Edit(end, end, f"{name}={value}"),)
    last = parts(call)[-1]
    after = end_of(source, last)
    if ")" in code_between(source, after, end) or isinstance(last, ast.GeneratorExp):
        return ()
    return (Edit(after, after, f",{gap(source, last)}{name}={value}"),)


def gap(source: Source, last: ast.AST) -> str:
    """What stands between arguments: a space, or a line of its own where the last has one."""
    line = line_at(source, getattr(last, "lineno", 1))
    indent = line[: len(line) - len(line.lstrip())]
    alone = start_of(source, last) == starts(source)[getattr(last, "lineno", 1) - 1] + len(indent)
    return f"\n{indent}" if alone and indent else " "


def code_between(source: Source, start: int, end: int) -> str:
    """What is written between two places, without comments."""
    return "".join(line.partition("#")[0] for line in source.text[start:end].split("\n"))


def drop(source: Source, call: ast.Call, name: str) -> tuple[Edit, ...]:
    """Take an argument away, with its comma; nothing where a comment would go with it."""
    given = parts(call)
    index = next(
        (i for i, each in enumerate(given) if isinstance(each, ast.keyword) and each.arg == name), None
    )
    if index is None:
        return ()
    if index:
        start, end = end_of(source, given[index - 1]), end_of(source, given[index])
    elif len(given) > 1:
        start, end = start_of(source, given[0]), start_of(source, given[1])
    else:
        start, end = start_of(source, given[0]), end_of(source, call) - 1
    removed = source.text[start:end].replace(written(source, given[index]), "", 1)
    return (Edit(start, end),) if not removed.strip(" ,\n\t") else ()
