"""Which functions block, and the shortest way from each to the call that does."""

import ast
from collections import defaultdict, deque
from dataclasses import dataclass

from shipworthy.check.project import Code, Project
from shipworthy.check.sinks import MEMOISED, SINKS
from shipworthy.check.source import Source, dotted, own_nodes
from shipworthy.check.types import Types


@dataclass(frozen=True)
class Step:
    """One call on the way to the sink."""

    source: Source
    node: ast.Call
    callee: str


def memoised(code: Code) -> bool:
    """Whether it works once, and not for each request."""
    names = (dotted(each.func if isinstance(each, ast.Call) else each) for each in code.node.decorator_list)
    return any((name or "").rpartition(".")[2] in MEMOISED for name in names)


class Blocking:
    """The calls of a project, summed up backwards from the sinks."""

    def __init__(self, project: Project, types: Types) -> None:
        self.project, self.types = project, types
        self.first: dict[str, Step] = {}
        self.callers: defaultdict[str, list[tuple[str, Step]]] = defaultdict(list)
        for code in project.functions.values():
            if not memoised(code):
                self.read(code)
        self.spread()

    def read(self, code: Code) -> None:
        """Note what a function calls; one that is handed to a thread is not called here."""
        nodes = sorted(
            (node for node in own_nodes(code.node) if isinstance(node, ast.Call)), key=lambda n: n.lineno
        )
        awaited = {id(node.value) for node in own_nodes(code.node) if isinstance(node, ast.Await)}
        for node in nodes:
            callee = self.types.callee(node.func, code)
            if callee in SINKS and id(node) not in awaited:
                self.first.setdefault(code.name, Step(code.source, node, callee))
            elif callee:
                self.call(code, node, callee, waits=id(node) in awaited)

    def call(self, code: Code, node: ast.Call, callee: str, *, waits: bool) -> None:
        """Note a call of the project's own code; a coroutine that is not awaited does not run here."""
        name = f"{callee}.__init__" if callee in self.project.classes else callee
        target = self.project.functions.get(name)
        if target and (waits or isinstance(target.node, ast.FunctionDef)):
            self.callers[name].append((code.name, Step(code.source, node, name)))

    def spread(self) -> None:
        """Carry the sinks to their callers, nearest first, until nothing changes."""
        todo = deque(self.first)
        while todo:
            for caller, step in self.callers[todo.popleft()]:
                if caller not in self.first:
                    self.first[caller] = step
                    todo.append(caller)

    def chain(self, name: str) -> list[Step]:
        """The calls from a function to the sink; empty if it does not block."""
        steps: list[Step] = []
        while name in self.first:
            steps.append(self.first[name])
            name = steps[-1].callee
        return steps
