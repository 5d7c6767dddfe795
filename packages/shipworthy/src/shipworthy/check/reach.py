"""Request code: what runs because a request came in, as opposed to scripts, workers and command lines."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator

from shipworthy.check.calls import Calls
from shipworthy.check.project import Code
from shipworthy.check.scopes import nodes_of


def reached(starts: Iterable[str], calls: Calls) -> set[str]:
    """The functions that some functions lead to, by calling them or by handing them on."""
    todo, found = deque(starts), set(starts)
    while todo:
        code = calls.types.project.functions.get(todo.popleft())
        for name in mentioned(code, calls) if code else ():
            if name not in found:
                found.add(name)
                todo.append(name)
    return found


def mentioned(code: Code, calls: Calls) -> Iterator[str]:
    """The project's functions that a function calls, or passes to what it calls."""
    for node in nodes_of(code.node):
        if isinstance(node, ast.Call):
            given = (*node.args, *(each.value for each in node.keywords))
            for named in (node.func, *(each for each in given if isinstance(each, ast.Name | ast.Attribute))):
                path = calls.types.bound(named, code)
                known = calls.types.function(path or "") or path in calls.types.project.classes
                yield from (each.name for each in calls.targets(path)) if known else ()
