"""Where an expression is looked at: in which function, called with what, and how far from where one began."""

import ast
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, Self

from shipworthy.check.nodes import Function, dotted, inside
from shipworthy.check.passed import argument
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of, locals_of, parameters

DEPTH = 6
GROWS = {"append", "extend"}


class Spot(NamedTuple):
    """A function, and the call that led into it."""

    code: Code
    depth: int = DEPTH  # of calls and loops that are still followed
    call: ast.Call | None = None
    caller: "Spot | None" = None
    place: int | None = None  # which of several values is meant

    def into(self, code: Code, call: ast.Call) -> "Spot":
        """The function that is called here."""
        return Spot(code, self.depth - 1, call, self, self.place)

    def further(self) -> Self:
        """The same function, one step on."""
        return self._replace(depth=self.depth - 1)

    def passed(self, name: str) -> "tuple[ast.expr, Spot] | None":
        """What the call passed to a parameter, and where that stands."""
        if self.call is None or self.caller is None or name not in parameters(self.code.node):
            return None
        given = argument(self.call, name, self.code)
        return (given, self.caller._replace(depth=self.depth - 1, place=None)) if given else None

    def last(self, node: ast.Name) -> ast.expr | None:
        """What a name was given last before it stands here."""
        values = locals_of(self.code.node).get(node.id, [])
        earlier = [each for each in values if each.lineno < node.lineno and not inside(node, each)]
        return max(earlier, key=lambda each: each.lineno, default=None)

    def loop(self, node: ast.Name) -> ast.expr | None:
        """What a name runs through where it stands."""
        loops: list[ast.For | ast.AsyncFor] = all_of(self.code.node, ast.For, ast.AsyncFor)
        around = [each for each in loops if each.lineno <= node.lineno <= (each.end_lineno or 0)]
        made = [each for each in all_of(self.code.node, ast.ListComp, ast.GeneratorExp) if inside(node, each)]
        inner = [each for comprehension in made for each in comprehension.generators]
        through = [*inner, *sorted(around, key=lambda each: -each.lineno)]
        found: Iterator[ast.expr] = (each.iter for each in through if dotted(each.target) == node.id)
        return next((each for each in found if not inside(node, each)), None)


@cache
def put(function: Function) -> dict[str, list[ast.expr]]:
    """What is put into dictionaries and lists, by name: `answer["user"] = user`, `answers.append(user)`."""
    found: dict[str, list[ast.expr]] = {}
    for line in all_of(function, ast.Assign, ast.AugAssign, ast.Call):
        match line:
            case ast.Assign([ast.Subscript(ast.Name(name))], value):
                found.setdefault(name, []).append(value)
            case ast.AugAssign(ast.Name(name), value=value) if is_list(name, function):
                found.setdefault(name, []).append(value)
            case ast.Call(ast.Attribute(ast.Name(name), how), [value]) if how in GROWS:
                found.setdefault(name, []).extend([value] if is_list(name, function) else [])
    return found


def is_list(name: str, function: Function) -> bool:
    """Whether a variable was a list that is written out."""
    return any(isinstance(each, ast.List) for each in locals_of(function).get(name, ()))
