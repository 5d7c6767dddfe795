"""How calls are made: awaited, handed on, once only; and what is plain from names alone."""

import ast
from dataclasses import dataclass
from functools import cache

from shipworthy.check.catalogue import databases
from shipworthy.check.members import written
from shipworthy.check.nodes import Function, dotted, yields
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of, locals_of
from shipworthy.check.sinks import MEMOISED

OFFLOADS = {
    "sync_to_async", "run_in_threadpool", "make_async", "to_thread", "asyncify", "threaded", "to_async",
    "run_in_executor", "async_wrap", "run_async", "run_sync",
}  # fmt: skip
PLAIN = {"staticmethod", "classmethod", "abstractmethod", "override", "overload"}
ITERATE = {
    "next", "list", "tuple", "set", "sorted", "dict", "any", "all", "sum", "join", "enumerate", "zip", "max",
    "min", "frozenset", "extend", "update", "reversed", "map", "filter",
}  # fmt: skip
USUAL = {"db", "session", "db_session", "dbsession", "sess", "_session", "_db"}  # known by their names only
SESSION_WORK = {"commit", "refresh", "rollback", "flush"}


@dataclass(frozen=True)
class Waits:
    """Which calls of a function are awaited, and on what; which are arguments of others."""

    calls: set[int]
    receivers: set[str]
    arguments: dict[int, str]


def waits(code: Code) -> Waits:
    """Look once through a function."""
    found, function = Waits(set(), set(), {}), code.node
    entered = [item.context_expr for node in all_of(function, ast.AsyncWith) for item in node.items]
    loops = [node.iter for node in all_of(function, ast.AsyncFor)]
    inner = [node.iter for node in all_of(function, ast.comprehension) if node.is_async]
    for each in (*(node.value for node in all_of(function, ast.Await)), *entered, *loops, *inner):
        found.calls.add(id(each))
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            found.receivers.add(dotted(each.func.value) or "")
    for node in all_of(function, ast.Call):
        name = written(node)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(argument, ast.Call):
                found.arguments[id(argument)] = name
    return found


def once_only(code: Code) -> set[int]:
    """The nodes that run the first time only: `if client is None: client = connect()`."""
    found: set[int] = set()
    for node in all_of(code.node, ast.If):
        name = missing(node.test, code)
        inside = [each for line in node.body for each in ast.walk(line)] if name else []
        if any(name in (*kept(each), *kept_by(each, code)) for each in inside):
            found |= {id(each) for each in inside}
    body = code.node.body
    for position, line in enumerate(body):
        name = present(line, code) if isinstance(line, ast.If) else None
        later = [each for after in body[position + 1 :] for each in ast.walk(after)] if name else []
        if any(name in kept(each) for each in later):
            found |= {id(each) for each in later}
    return found


def kept(node: ast.AST) -> list[str | None]:
    """The names a statement gives a value to, with their dots; of a dictionary, the name of that."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return [dotted(each.value if isinstance(each, ast.Subscript) else each) for each in targets]


def kept_by(node: ast.AST, code: Code) -> list[str | None]:
    """The names that a method of the same object gives a value to, if it is called."""
    called = dotted(node.func) if isinstance(node, ast.Call) else None
    if not called or not code.owner or not called.startswith("self."):
        return []
    methods = [
        each.node
        for each in code.source.definitions
        if f"self.{each.node.name}" == called and f"{code.source.module}.{each.owner}" == code.owner
    ]
    return [name for method in methods for line in ast.walk(method) for name in kept(line)]


def missing(test: ast.expr, code: Code) -> str | None:
    """What a test finds not to be there yet, if it outlives the function."""
    match test:
        case ast.Compare(left, [ast.Is()], [ast.Constant(None)]) | ast.UnaryOp(ast.Not(), left):
            return lasting(left, code)
        case ast.Compare(_, [ast.NotIn()], [right]):
            return lasting(right, code)
        case ast.BoolOp(values=[first, *_]):
            return missing(first, code)
    return None


def present(line: ast.If, code: Code) -> str | None:
    """What a test finds to be there already, so that the function has nothing more to do."""
    if not isinstance(line.body[-1], ast.Return):
        return None
    match line.test:
        case ast.Compare(left, [ast.IsNot()], [ast.Constant(None)]):
            return lasting(left, code)
        case ast.Compare(_, [ast.In()], [right]):
            return lasting(right, code)
        case ast.Name() | ast.Attribute():
            return lasting(line.test, code)
    return None


def lasting(node: ast.expr, code: Code) -> str | None:
    """The name of what outlives a function; of what is taken out of a dictionary, the name of that."""
    name = dotted(node) or ""
    if isinstance(node, ast.Name):
        gets = (each for each in locals_of(code.node).get(name, ()) if isinstance(each, ast.Call))
        held = [
            each.func.value
            for each in gets
            if isinstance(each.func, ast.Attribute) and each.func.attr == "get"
        ]
        name = dotted(held[0]) or "" if held else name
    lasts = (
        name.startswith(("self.", "cls.")) or name in code.source.values or name in code.source.annotations
    )
    return name if lasts else None


def executes(target: Code, node: ast.Call, found: Waits) -> bool:
    """Whether calling it runs its body, here and each time."""
    names = decorators(target.node)
    if names & (MEMOISED | OFFLOADS):
        return False
    if isinstance(target.node, ast.AsyncFunctionDef):
        return True
    if yields(target.node) and not any("contextmanager" in name for name in names):
        return found.arguments.get(id(node), "next") in ITERATE
    return not (id(node) in found.calls and names - PLAIN)


@cache
def decorators(function: Function) -> frozenset[str]:
    """The last names of its decorators."""
    return frozenset(written(each) for each in function.decorator_list)


def is_abstract(code: Code) -> bool:
    """Whether a method only says what others do."""
    lines = [line for line in code.node.body
             if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]  # fmt: skip
    return all(isinstance(line, ast.Pass | ast.Raise) for line in lines)


def guess(node: ast.Call, receiver: str) -> str | None:
    """What is synchronous by its name and by what nothing else does: a session, a connection, a cursor."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    holder = receiver.rpartition(".")[2]
    model = (dotted(node.args[0]) or "").rpartition(".")[2][:1].isupper() if node.args else False
    if holder in USUAL and ((name == "query" and model) or name in SESSION_WORK):
        return f"sqlalchemy.orm.Session.{name}"
    connection, cursor = databases.DBAPI
    if holder in {"cursor", "cur"} and name in {"execute", "executemany", "fetchall", "fetchone"}:
        return f"{cursor}.{name}"
    if holder in {"conn", "connection"} and name in {"execute", "commit", "rollback"}:
        return f"{connection}.{name}"
    return None
