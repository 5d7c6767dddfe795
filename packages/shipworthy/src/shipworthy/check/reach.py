"""Request code: what runs because a request came in, as opposed to scripts, workers and command lines."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator

from shipworthy.check.project import Code, Project
from shipworthy.check.source import own_nodes
from shipworthy.check.types import Types


def reached(starts: Iterable[str], project: Project, types: Types) -> set[str]:
    """The functions that some functions lead to, by calling them or by handing them on."""
    todo, found = deque(starts), set(starts)
    while todo:
        code = project.functions.get(todo.popleft())
        for name in mentioned(code, project, types) if code else ():
            if name not in found:
                found.add(name)
                todo.append(name)
    return found


def mentioned(code: Code, project: Project, types: Types) -> Iterator[str]:
    """The project's functions that a function calls, or passes to what it calls."""
    for node in own_nodes(code.node):
        if isinstance(node, ast.Call):
            given = (each for each in (*node.args, *(k.value for k in node.keywords)) if is_name(each))
            for named in (node.func, *given):
                path = types.callee(named, code)
                name = f"{path}.__init__" if path in project.classes else path
                if name in project.functions:
                    yield name


def is_name(node: ast.expr) -> bool:
    """Whether it can name a function."""
    return isinstance(node, ast.Name | ast.Attribute)
