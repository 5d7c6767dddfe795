"""What a dependency or a context manager does after its `yield`."""

import ast
from collections.abc import Iterator

from shipworthy.check.nodes import Function, dotted, own_nodes, yields
from shipworthy.check.project import Code, Project
from shipworthy.check.types import Types

SESSION = ("session", "db", "conn", "connection", "transaction", "database", "uow")
BEGIN = {"begin", "transaction", "atomic", "in_transaction"}
DEPTH = 4


def commits_after_yield(code: Code, project: Project, types: Types, depth: int = DEPTH) -> bool:
    """Whether a generator commits when it goes on: itself, or through a context manager it yields from."""
    if not yields(code.node) or not depth:
        return False
    if any(is_commit(node) for node in after_yield(code.node.body)):
        return True
    for item in around_yield(code.node):
        call = item.context_expr
        if isinstance(call, ast.Call):
            if (
                isinstance(call.func, ast.Attribute)
                and call.func.attr in BEGIN
                and is_session(call.func.value)
            ):
                return True
            inner = project.functions.get(types.callee(call.func, code) or "")
            if inner and commits_after_yield(inner, project, types, depth - 1):
                return True
    return False


def around_yield(function: Function) -> Iterator[ast.withitem]:
    """What the `with` statements around a `yield` open."""
    for node in own_nodes(function):
        if isinstance(node, ast.With | ast.AsyncWith) and any(map(has_yield, node.body)):
            yield from node.items


def after_yield(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """What runs after the `yield` in a body, when all goes well."""
    for position, statement in enumerate(body):
        if not has_yield(statement):
            continue
        for later in body[position + 1 :]:
            yield from ast.walk(later)
        for inner in ("body", "orelse", "finalbody"):
            part = getattr(statement, inner, [])
            yield from after_yield(part) if any(map(has_yield, part)) else every(part, statement, inner)


def every(part: list[ast.stmt], statement: ast.stmt, name: str) -> Iterator[ast.AST]:
    """What runs after a `try` that yields: its `else` and its `finally`."""
    if isinstance(statement, ast.Try) and name != "body":
        for each in part:
            yield from ast.walk(each)


def has_yield(statement: ast.AST) -> bool:
    """Whether a statement yields, not counting functions inside it."""
    return any(isinstance(node, ast.Yield) for node in ast.walk(statement))


def is_commit(node: ast.AST) -> bool:
    """Whether it is `session.commit()`, or that of anything called like a session."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="commit"), args=[]):
            return is_session(owner)
    return False


def is_session(owner: ast.expr) -> bool:
    """Whether something is called like what has transactions, or like what makes it."""
    name = (dotted(owner.func if isinstance(owner, ast.Call) else owner) or "").rpartition(".")[2].lower()
    return any(each in name for each in (*SESSION, "engine", "local", "maker", "factory", "pool"))
