"""Request code: what runs because a request came in, as opposed to scripts, workers and command lines."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache

from shipworthy.check.calls import Calls
from shipworthy.check.nodes import last_name
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of
from shipworthy.check.types import Types


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
            if last_name(named) in names or (isinstance(named, ast.Name) and named is node.func):
                yield from run_by(named, types.path(named, code), code, types)


def run_by(named: ast.expr, path: str | None, code: Code, types: Types) -> Iterator[Code]:
    """What may run of what is called or passed on: not the making of an object that is made already."""
    is_class = path in types.project.classes
    if is_class and types.infer(named, code) == path:
        return
    yield from types.targets(path)
    called = types.find_method(path, "__call__") if is_class and path else None
    yield from [called] if called else []  # whoever gets the object may call it
