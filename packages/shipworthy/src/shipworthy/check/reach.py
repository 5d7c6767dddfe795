"""Request code: what runs because a request came in, as opposed to scripts, workers and command lines."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache

from shipworthy.check.calls import Calls
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of


def reached(starts: Iterable[Code], calls: Calls) -> dict[str, Code]:
    """The functions that some functions lead to, by calling them or by handing them on."""
    todo = deque(starts)
    found = {code.name: code for code in todo}
    while todo:
        for code in known(todo.popleft(), calls):
            if code.name not in found:
                found[code.name] = code
                todo.append(code)
    defined = {f"{code.owner}.{code.node.name}": code for code in found.values() if code.owner}
    return found | defined  # an inherited method goes by the name of its heir, too


@cache
def known(code: Code, calls: Calls) -> list[Code]:
    """The same as `mentioned`, worked out once."""
    return list(dict.fromkeys(mentioned(code, calls)))


def mentioned(code: Code, calls: Calls) -> Iterator[Code]:
    """The project's functions that a function calls, or passes to what it calls."""
    types, names = calls.types, calls.types.project.saying
    for node in all_of(code.node, ast.Call):
        given = (*node.args, *(each.value for each in node.keywords))
        for named in (node.func, *given):
            if last(named) in names or (isinstance(named, ast.Name) and named is node.func):
                path = types.path(named, code)
                yield from types.targets(path)
                made = types.find_method(path, "__call__") if path in types.project.classes else None
                yield from [made] if made else []  # whoever gets the object may call it


def last(node: ast.expr) -> str | None:
    """The last word of `a.b.c`; what it is called on may be any expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
