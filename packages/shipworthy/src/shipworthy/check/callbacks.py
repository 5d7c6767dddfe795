"""Functions that are run by what they are handed to: `map`, `sorted`, a function that calls its parameter."""

import ast
from collections.abc import Iterator
from functools import cache

from shipworthy.check.nodes import Function
from shipworthy.check.passed import argument
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of, parameters
from shipworthy.check.types import Types

FOR_EACH = {"map", "filter", "functools.reduce"}
BY_KEY = {"sorted", "min", "max"}


def called_back(
    node: ast.Call, path: str | None, targets: list[Code], code: Code, types: Types
) -> Iterator[Code]:
    """The functions that a call runs because they are handed to it."""
    given = node.args[:1] if path in FOR_EACH else []
    given += [each.value for each in node.keywords if each.arg == "key" and path in BY_KEY]
    for target in targets if node.args or node.keywords else ():
        given += [each for name in called_in(target.node) if (each := argument(node, name, target))]
    for each in given:
        found = types.infer(each, code) if isinstance(each, ast.Name | ast.Attribute) else None
        function = types.function(found) if found else None
        if function:
            yield function


@cache
def called_in(function: Function) -> list[str]:
    """The parameters that a function calls."""
    called = {node.func.id for node in all_of(function, ast.Call) if isinstance(node.func, ast.Name)}
    return [name for name in parameters(function) if name in called]
