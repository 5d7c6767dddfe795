"""What a function runs when it runs: the project's own code, and what blocks."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from shipworthy.check.catalogue import databases, machine
from shipworthy.check.members import written
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of, parameters
from shipworthy.check.sinks import MEMOISED, canonical, is_computing, twin
from shipworthy.check.source import Function, Source, dotted, yields
from shipworthy.check.types import Types

OFFLOADS = {"sync_to_async", "run_in_threadpool", "make_async", "to_thread", "asyncify", "threaded", "to_async",
            "run_in_executor", "async_wrap", "run_async", "run_sync"}  # fmt: skip
PLAIN = {"staticmethod", "classmethod", "abstractmethod", "override", "overload"}
ITERATE = {"next", "list", "tuple", "set", "sorted", "dict", "any", "all", "sum", "join", "enumerate", "zip", "max",
           "min", "frozenset", "extend", "update", "reversed", "map", "filter"}  # fmt: skip
USUAL = {
    "db",
    "session",
    "db_session",
    "dbsession",
    "sess",
    "_session",
    "_db",
}  # what is unknown, but for its name
BUFFERS = ("buffer", "buf", "stream", "output", "bytes_io", "bio", "content", "data", "body", "fileobj")
SESSION_WORK = {"commit", "refresh", "rollback", "flush"}


@dataclass(frozen=True)
class Step:
    """One call on the way to the sink."""

    source: Source
    node: ast.expr
    callee: str


@dataclass
class Runs:
    """What a function runs."""

    sink: Step | None = None
    computing: Step | None = None  # what is busy, and waits for nothing
    calls: list[tuple[Code, Step]] = field(default_factory=list)


def memoised(code: Code) -> bool:
    """Whether it works once, and not for each request."""
    return bool(decorators(code.node) & MEMOISED)


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


class Calls:
    """Answers for one project."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.children: dict[str, list[str]] | None = None

    def of(self, code: Code) -> Runs:
        """What a function runs; one that is handed to a thread is not called here."""
        runs, found, once = Runs(), waits(code), once_only(code)
        nodes = [node for node in all_of(code.node, ast.Call) if id(node) not in once]
        for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
            path = self.types.bound(node.func, code)
            targets = list(self.targets(path))
            for target in targets:
                self.learn(target, node, code)
                if executes(target, node, found):
                    runs.calls.append((target, Step(code.source, node, target.name)))
            sink = None if targets or runs.sink else self.sink(node, path, code, found)
            if sink and (is_computing(sink) or self.in_memory(node, sink, code)):
                runs.computing = runs.computing or Step(code.source, node, sink)
            elif sink:
                runs.sink = Step(code.source, node, sink)
        runs.calls += self.entered(code)
        return runs

    def targets(self, path: str | None) -> Iterator[Code]:
        """The functions of the project that a path runs: the one that fills in an abstract one, too."""
        if path in self.types.project.classes:
            path = f"{path}.__init__"
        code = self.types.function(path) if path else None
        if code and code.owner and is_abstract(code):
            functions = self.types.project.functions
            paths = [f"{child}.{code.node.name}" for child in self.inheritors(code.owner)]
            found = [functions[each] for each in paths if each in functions]
            yield from found if len(found) == 1 else ()
        elif code:
            yield code

    def inheritors(self, name: str) -> list[str]:
        """The classes that inherit from one."""
        if self.children is None:
            self.children = {}
            for child in self.types.project.classes:
                for base in self.types.bases(child)[1:]:
                    self.children.setdefault(base, []).append(child)
        return self.children.get(name, [])

    def entered(self, code: Code) -> Iterator[tuple[Code, Step]]:
        """What `with` runs of the objects it enters."""
        for node in all_of(code.node, ast.With, ast.AsyncWith):
            name = "__enter__" if isinstance(node, ast.With) else "__aenter__"
            for item in node.items:
                kind = self.types.infer(item.context_expr, code)
                target = self.types.find_method(kind, name) if kind else None
                if target:
                    yield target, Step(code.source, item.context_expr, target.name)

    def sink(self, node: ast.Call, path: str | None, code: Code, found: Waits) -> str | None:
        """What blocks, if this call does; a receiver that is awaited elsewhere is asynchronous."""
        if id(node) in found.calls:
            return None
        receiver = dotted(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if receiver in found.receivers:
            return None
        path = canonical(path) if path else None
        if path and twin(path):
            return path
        unknown = isinstance(node.func, ast.Attribute) and not self.types.infer(node.func.value, code)
        return guess(node, receiver) if unknown and receiver else None

    def in_memory(self, node: ast.Call, sink: str, code: Code) -> bool:
        """Whether what is opened is no file."""
        if sink not in machine.OPENERS:
            return False
        if not node.args:
            return True
        kind = self.types.infer(node.args[0], code) or ""
        named = (dotted(node.args[0]) or "").rpartition(".")[2].lower()
        return kind.startswith(("io.", "tempfile.")) or named.endswith(BUFFERS)

    def learn(self, target: Code, node: ast.Call, code: Code) -> None:
        """Remember what is passed to parameters that have no annotation."""
        names = list(parameters(target.node))
        bound = target.owner and "staticmethod" not in decorators(target.node)
        pairs = [*zip(names[1 if bound else 0 :], node.args, strict=False),
                 *((keyword.arg, keyword.value) for keyword in node.keywords)]  # fmt: skip
        for name, value in pairs:
            key = (target.node, name or "")
            if name in parameters(target.node) and parameters(target.node)[name][0] is None:
                kind = None if key in self.types.given else self.types.infer(value, code)
                if kind:
                    self.types.given[key] = kind
                    self.types.forget(target)


def once_only(code: Code) -> set[int]:
    """The nodes that run the first time only: `if client is None: client = connect()`."""
    found: set[int] = set()
    for node in all_of(code.node, ast.If):
        name = missing(node.test, code)
        inside = [each for line in node.body for each in ast.walk(line)] if name else []
        if any(name in kept(each) for each in inside):
            found |= {id(each) for each in inside}
    return found


def kept(node: ast.AST) -> list[str | None]:
    """The names a statement gives a value to, with their dots."""
    return [dotted(target) for target in getattr(node, "targets", [getattr(node, "target", None)])]


def missing(test: ast.expr, code: Code) -> str | None:
    """What a test finds not to be there yet, if it outlives the function."""
    match test:
        case ast.Compare(left, [ast.Is()], [ast.Constant(None)]) | ast.UnaryOp(ast.Not(), left):
            name = dotted(left) or ""
        case ast.BoolOp(values=[first, *_]):
            return missing(first, code)
        case _:
            return None
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
