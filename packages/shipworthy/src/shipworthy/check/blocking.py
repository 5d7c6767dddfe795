"""Which functions block, and the shortest way from each to the call that does."""

from collections import defaultdict, deque

from shipworthy.check.calls import Calls, Step, memoised
from shipworthy.check.project import Code, Project
from shipworthy.check.types import Types

__all__ = ["Blocking", "Step", "memoised"]


class Blocking:
    """What can be reached from the functions that were asked about, summed up backwards from the sinks."""

    def __init__(self, project: Project, types: Types) -> None:
        self.project, self.types, self.calls = project, types, Calls(types)
        self.first: dict[str, Step] = {}
        self.seen: set[str] = set()
        self.callers: defaultdict[str, list[tuple[str, Step]]] = defaultdict(list)

    def explore(self, code: Code) -> None:
        """Read a function and what it runs, each once."""
        todo, found = deque([code]), deque[str]()
        while todo:
            here = todo.popleft()
            if here.name in self.seen:
                continue
            self.seen.add(here.name)
            runs = self.calls.of(here)
            if runs.sink:
                self.first[here.name] = runs.sink
                found.append(here.name)
            for target, step in runs.calls:
                self.callers[target.name].append((here.name, step))
                todo.append(target)
                if target.name in self.first:
                    found.append(target.name)
        self.spread(found)

    def spread(self, todo: deque[str]) -> None:
        """Carry the sinks to their callers, nearest first, until nothing changes."""
        while todo:
            for caller, step in self.callers[todo.popleft()]:
                if caller not in self.first:
                    self.first[caller] = step
                    todo.append(caller)

    def chain(self, name: str) -> list[Step]:
        """The calls from a function to the sink; empty if it does not block."""
        code = self.types.function(name)
        if code and name not in self.seen:
            self.explore(code)
        steps: list[Step] = []
        while name in self.first:
            steps.append(self.first[name])
            name = steps[-1].callee
        return steps
