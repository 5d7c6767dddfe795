"""What the names inside a function are given."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from shipworthy.check.nodes import Function, dotted, nodes_of
from shipworthy.check.project import Code
from shipworthy.check.source import Source, assigned

__all__ = ["all_of", "inner_of", "kinds_of", "locals_of", "loops_of", "nodes_of", "parameters", "top_of"]


@cache
def kinds_of(function: Function) -> dict[type, list[ast.AST]]:
    """The nodes that run when the function runs, by their kind."""
    found: defaultdict[type, list[ast.AST]] = defaultdict(list)
    for node in nodes_of(function):
        found[node.__class__].append(node)
    return found


def all_of(function: Function, *kinds: type[ast.AST]) -> list[Any]:
    """Those of some kinds."""
    found = kinds_of(function)
    return [node for kind in kinds for node in found.get(kind, ())]


@cache
def locals_of(function: Function) -> dict[str, list[ast.expr]]:
    """What each local variable is given."""
    values: dict[str, list[ast.expr]] = {}
    for node in all_of(function, ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.With, ast.AsyncWith):
        for name, value in assigned(node):
            values.setdefault(name, []).append(value)
    return values


@cache
def declared_of(function: Function) -> dict[str, ast.expr]:
    """The annotation of each local variable that has one."""
    lines = all_of(function, ast.AnnAssign)
    return {line.target.id: line.annotation for line in lines if isinstance(line.target, ast.Name)}


@cache
def loops_of(function: Function) -> dict[str, ast.expr]:
    """What each variable of a loop runs through."""
    loops = all_of(function, ast.For, ast.AsyncFor, ast.comprehension)
    return {loop.target.id: loop.iter for loop in loops if isinstance(loop.target, ast.Name)}


@cache
def inner_of(function: Function) -> dict[str, Function]:
    """The functions defined inside a function."""
    return {node.name: node for node in all_of(function, ast.FunctionDef, ast.AsyncFunctionDef)}


@cache
def bound_in(function: Function) -> frozenset[str]:
    """The names that are given something inside a function."""
    known = (parameters, locals_of, declared_of, loops_of, inner_of)
    return frozenset().union(*(each(function) for each in known))


@cache
def parameters(function: Function) -> dict[str, tuple[ast.expr | None, ast.expr | None]]:
    """The annotation and the default of each parameter."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    pairs = [*zip(positional, defaults, strict=True),
             *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]  # fmt: skip
    return {argument.arg: (argument.annotation, default) for argument, default in pairs}


@cache
def signatures(node: ast.ClassDef) -> frozenset[tuple[str, ...]]:
    """What calls the methods of a class: how, the name, and the parameters; not what makes an object."""
    methods = (line for line in node.body if isinstance(line, Function) and line.name != "__init__")
    return frozenset((type(each).__name__, each.name, *parameters(each)) for each in methods)


@cache
def own_attributes(node: ast.ClassDef) -> dict[str, list[tuple[str, ast.expr | None, ast.expr | None]]]:
    """For each `self.x = ...`: the method, the annotation and the value; those of `__init__` first."""
    found: dict[str, list[tuple[str, ast.expr | None, ast.expr | None]]] = {}
    methods = [line for line in node.body if isinstance(line, Function)]
    for method in sorted(methods, key=lambda each: each.name != "__init__"):
        for name, annotation, value in own_assignments(method):
            found.setdefault(name, []).append((method.name, annotation, value))
    return found


def own_assignments(method: Function) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """What a method gives to the attributes of its object."""
    for each in all_of(method, ast.Assign, ast.AnnAssign):
        match each:
            case ast.Assign(targets=[ast.Attribute(ast.Name("self" | "cls"), name), *_], value=value):
                yield name, None, value
            case ast.Assign([ast.Attribute(_, name)], value) if method.name == "__new__":
                yield name, None, value  # of the only object of the class, whatever it goes by there
            case ast.AnnAssign(ast.Attribute(ast.Name("self" | "cls"), name), annotation, value):
                yield name, annotation, value


@cache
def top_of(source: Source) -> Code:
    """The top level of a module, as if it were a function without names of its own."""
    empty = ast.parse("def top(): pass").body[0]
    if not isinstance(empty, ast.FunctionDef):
        raise TypeError
    return Code(source.module, empty, source, None)


def outside(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes of a module that run when it is imported."""
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop(0)
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo[:0] = ast.iter_child_nodes(node)


@cache
def loops_at_top(source: Source) -> dict[str, ast.expr]:
    """What each variable of a loop at the top of a module runs through."""
    loops = [each for each in outside(source.tree) if isinstance(each, ast.For)]
    return {name: each.iter for each in reversed(loops) if (name := dotted(each.target))}
