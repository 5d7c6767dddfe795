"""Which functions block, and the shortest way from each to the call that does."""

from collections import defaultdict, deque

from shipworthy.check.calls import Calls, Step, memoised
from shipworthy.check.project import Code, Project
from shipworthy.check.types import Types

__all__ = ["Blocking", "Step", "memoised"]
Firsts = dict[str, Step]


class Blocking:
    """What can be reached from the functions that were asked about, summed up backwards from the sinks."""

    def __init__(self, project: Project, types: Types) -> None:
        self.project, self.types, self.calls = project, types, Calls(types)
        self.first: Firsts = {}  # on the way to what waits: a database, a file, the network
        self.computing: Firsts = {}  # on the way to what keeps the processor busy
        self.seen: set[str] = set()
        self.choosers: defaultdict[str, list[tuple[str, list[str], Step]]] = defaultdict(list)
        self.callers: defaultdict[str, list[tuple[str, Step]]] = defaultdict(list)

    def explore(self, code: Code) -> None:
        """Read a function and what it runs, each once."""
        todo, fresh = deque([code]), list[str]()
        while todo:
            here = todo.popleft()
            if here.name in self.seen:
                continue
            self.seen.add(here.name)
            runs = self.calls.of(here)
            for firsts, sink in ((self.first, runs.sink), (self.computing, runs.computing)):
                if sink:
                    firsts[here.name] = sink
            for target, step in runs.calls:
                self.callers[target.name].append((here.name, step))
                todo.append(target)
                fresh.append(target.name)
            for several, step in runs.choices:
                names = [each.name for each in several]
                for each in several:
                    self.choosers[each.name].append((here.name, names, step))
                todo += several
                fresh += names
            fresh.append(here.name)
        for firsts in (self.first, self.computing):
            self.spread(deque(name for name in fresh if name in firsts), firsts)

    def spread(self, todo: deque[str], firsts: Firsts) -> None:
        """Carry the sinks to their callers, nearest first, until nothing changes."""
        while todo:
            name = todo.popleft()
            chosen = [
                (each, step) for each, names, step in self.choosers[name] if firsts.keys() >= set(names)
            ]
            for caller, step in (*self.callers[name], *chosen):
                if caller not in firsts:
                    firsts[caller] = step
                    todo.append(caller)

    def chain(self, name: str, *, computing: bool = False) -> list[Step]:
        """The calls from a function to the sink; empty if it does not block."""
        code = self.types.function(name)
        if code and name not in self.seen:
            self.explore(code)
        firsts = self.computing if computing else self.first
        steps: list[Step] = []
        while name in firsts:
            steps.append(firsts[name])
            name = steps[-1].callee
        return steps
