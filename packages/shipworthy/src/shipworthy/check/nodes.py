"""The nodes of a tree, and the names that they spell."""

import ast
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

Function = ast.FunctionDef | ast.AsyncFunctionDef
YIELDS = (ast.Yield, ast.YieldFrom)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
LEAVES = {"ctx", "op", "ops", "id", "attr", "name", "names", "arg", "kind", "type_comment", "level", "module",
          "asname", "is_async", "simple", "conversion", "rest", "kwd_attrs", "tag"}  # fmt: skip
KINDS = [kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)]
EVERY: dict[type, tuple[str, ...]] = {  # the fields of a kind of node that hold nodes
    kind: ()
    if issubclass(kind, ast.Constant | ast.MatchSingleton)
    else tuple(name for name in kind._fields if name not in LEAVES)
    for kind in KINDS
}
CHILDREN = {kind: () if issubclass(kind, SCOPES) else names for kind, names in EVERY.items()}


def dotted(node: ast.AST | None) -> str | None:
    """The text of `a.b.c`, and nothing for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else None
    return None


def last_name(node: ast.AST) -> str | None:
    """The last word of `a.b.c`; what is before it may be any expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None


def without_await(node: ast.expr) -> ast.expr:
    """An expression, or what it awaits."""
    return node.value if isinstance(node, ast.Await) else node


def inside(node: ast.expr, other: ast.expr) -> bool:
    """Whether an expression is a part of another of the same file, or that itself."""
    if not other.lineno <= node.lineno <= (other.end_lineno or other.lineno):
        return False
    first, last = (other.lineno, other.col_offset), (other.end_lineno or 0, other.end_col_offset or 0)
    return first <= (node.lineno, node.col_offset) < last


def below(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes right below one that mean something by themselves; faster than what `ast` has."""
    for name in EVERY[node.__class__]:
        child = getattr(node, name, None)
        if child.__class__ is list:
            yield from filter(None, child)
        elif child is not None:
            yield child


def touches(node: ast.AST, lines: list[int]) -> bool:
    """Whether a node covers one of some lines, its decorators included; what has no place may."""
    first = getattr(node, "lineno", None)
    if first is None:
        return True
    decorators = getattr(node, "decorator_list", None)
    if decorators:
        first = min(first, decorators[0].lineno)
    at = bisect_left(lines, first)
    return at < len(lines) and lines[at] <= (getattr(node, "end_lineno", None) or first)


def every(start: ast.AST) -> list[ast.AST]:
    """A node and all below it but contexts, operators and what imports name; faster than `ast.walk`."""
    return collected([start], EVERY)


@cache
def nodes_of(function: Function) -> list[ast.AST]:
    """The nodes that run when the function runs, the last statement first."""
    return collected(list(function.body), CHILDREN)


def collected(todo: list[ast.AST], fields: dict[type, tuple[str, ...]]) -> list[ast.AST]:
    """Some nodes and those below them, as far as some fields lead."""
    found: list[ast.AST] = []
    while todo:
        node = todo.pop()
        found.append(node)
        for name in fields[node.__class__]:
            child = getattr(node, name, None)
            if child.__class__ is list:
                todo += filter(None, child)
            elif child is not None:
                todo.append(child)
    return found


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes that run when the function runs: not those of functions defined inside it."""
    return iter(nodes_of(function))


@cache
def yields(function: Function) -> bool:
    """Whether it is a generator."""
    return any(node.__class__ in YIELDS for node in nodes_of(function))
