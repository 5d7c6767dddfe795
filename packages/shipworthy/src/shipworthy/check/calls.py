"""What a function runs when it runs: the project's own code, and what blocks."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from shipworthy.check.callbacks import called_back
from shipworthy.check.catalogue import machine
from shipworthy.check.manners import (
    ITERATE,
    Waits,
    decorators,
    executes,
    guess,
    once_only,
    waits,
)
from shipworthy.check.nodes import dotted
from shipworthy.check.project import Code
from shipworthy.check.scopes import all_of, locals_of
from shipworthy.check.sinks import MEMOISED, canonical, is_computing, twin
from shipworthy.check.source import Source
from shipworthy.check.types import Types
from shipworthy.check.wrappers import wrappers

BUFFERS = ("buffer", "buf", "stream", "output", "bytes_io", "bio", "content", "data", "body", "fileobj")


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
    calls: list[tuple[list[Code], Step]] = field(default_factory=list)  # of several nobody knows which


def memoised(code: Code) -> bool:
    """Whether it works once, and not for each request."""
    return bool(decorators(code.node) & MEMOISED)


class Calls:
    """Answers for one project."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.properties: set[str] | None = None

    def of(self, code: Code) -> Runs:
        """What a function runs; one that is handed to a thread is not called here."""
        runs, found, once = Runs(), waits(code), once_only(code)
        nodes = [node for node in all_of(code.node, ast.Call) if id(node) not in once]
        for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
            path = self.types.path(node.func, code)
            targets = list(self.types.targets(path))
            for target in (*targets, *called_back(node, path, targets, code, self.types)):
                if executes(target, node, found):
                    runs.calls.append(([target], Step(code.source, node, target.name)))
                elif memoised(target):  # what remembers may be of the project, and wait to be asked
                    kept = (wrapper for wrapper, _ in wrappers(target, self.types))
                    runs.calls += [([each], Step(code.source, node, each.name)) for each in kept]
            sink = None if targets or runs.sink else self.sink(node, path, code, found)
            if sink and (is_computing(sink) or self.in_memory(node, sink, code)):
                runs.computing = runs.computing or Step(code.source, node, sink)
            elif sink:
                runs.sink = Step(code.source, node, sink)
            several = [] if targets else self.types.fillers(path)
            if several and all(executes(each, node, found) for each in several):
                runs.calls.append((several, Step(code.source, node, several[0].name)))
        runs.calls += [*self.entered(code), *self.read(code), *self.around(code)]
        runs.sink = runs.sink or next(self.iterated(code), None)
        return runs

    def around(self, code: Code) -> Iterator[tuple[list[Code], Step]]:
        """What the decorators of a function run when it is called."""
        for wrapper, decorator in wrappers(code, self.types):
            yield [wrapper], Step(code.source, decorator, wrapper.name)

    def read(self, code: Code) -> Iterator[tuple[list[Code], Step]]:
        """The properties of the project's own objects that a function reads."""
        if self.properties is None:
            every = self.types.project.functions.values()
            self.properties = {each.node.name for each in every if "property" in decorators(each.node)}
        for node in all_of(code.node, ast.Attribute):
            kind = self.types.infer(node.value, code) if node.attr in self.properties else None
            target = self.types.find_method(kind, node.attr) if kind else None
            if target and "property" in decorators(target.node):
                yield [target], Step(code.source, node, target.name)

    def iterated(self, code: Code) -> Iterator[Step]:
        """What fetches rows while a loop, or `list()`, runs through it."""
        loops = [each.iter for each in all_of(code.node, ast.For)]
        inner = [each.iter for each in all_of(code.node, ast.comprehension) if not each.is_async]
        calls = [each for each in all_of(code.node, ast.Call) if dotted(each.func) in ITERATE]
        for node in (*loops, *inner, *(each for call in calls for each in call.args[:1])):
            path = f"{self.types.infer(node, code)}.__iter__"
            if twin(path):
                yield Step(code.source, node, path)

    def entered(self, code: Code) -> Iterator[tuple[list[Code], Step]]:
        """What `with` runs of the objects it enters."""
        for node in all_of(code.node, ast.With, ast.AsyncWith):
            name = "__enter__" if isinstance(node, ast.With) else "__aenter__"
            for item in node.items:
                kind = self.types.infer(item.context_expr, code)
                target = self.types.find_method(kind, name) if kind else None
                if target:
                    yield [target], Step(code.source, item.context_expr, target.name)

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
        name = dotted(node.args[0]) if node.args else None
        opened = [each for each in locals_of(code.node).get(name or "", ()) if isinstance(each, ast.Call)]
        inner = [each for each in opened if self.types.path(each.func, code) in machine.OPENERS]
        firsts = [each.args[0] for each in (node, *inner) if each.args]
        return not node.args or any(self.is_buffer(each, code) for each in firsts)

    def is_buffer(self, node: ast.expr, code: Code) -> bool:
        """Whether it is in memory, by its class or by its name."""
        named = (dotted(node) or "").rpartition(".")[2].lower()
        return (self.types.infer(node, code) or "").startswith(("io.", "tempfile.")) or named.endswith(
            BUFFERS
        )
