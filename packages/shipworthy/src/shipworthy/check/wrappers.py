"""What a decorator of the project puts around a function, and runs each time that one is called."""

import ast
from collections.abc import Iterator

from shipworthy.check.members import answers
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.scopes import inner_of, top_of
from shipworthy.check.types import Types

DEPTH = 3  # a function that makes a decorator, the decorator, the wrapper


def wrappers(code: Code, types: Types) -> Iterator[tuple[Code, ast.expr]]:
    """The functions that run around a function, and the decorators that say so."""
    for decorator in code.node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        for maker in types.targets(types.path(named, top_of(code.source))):
            wrapper = innermost(maker, code, types, DEPTH)
            if wrapper:
                yield wrapper, decorator


def innermost(maker: Code, code: Code, types: Types, depth: int) -> Code | None:
    """The function that is given back at last; of two, the one that is as asynchronous as what it wraps."""
    inner = inner_of(maker.node)
    names = [name for each in answers(maker) if (name := dotted(each)) in inner]
    alike = [name for name in names if type(inner[name]) is type(code.node)]
    name = next(iter(alike or names), None)
    found = types.function(f"{maker.name}.{name}") if name and depth else None
    return (innermost(found, code, types, depth - 1) or found) if found else None
