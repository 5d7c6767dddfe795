"""Which functions block, and the shortest way from each to the call that does."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from shipworthy.check.calls import Calls, Runs, Step, memoised
from shipworthy.check.project import Code, Project
from shipworthy.check.types import Types

__all__ = ["Blocking", "Step", "memoised"]


@dataclass
class Ways:
    """From functions to what they reach: how many calls away that is, and the first of them."""

    far: dict[str, int] = field(default_factory=dict)
    first: dict[str, Step] = field(default_factory=dict)

    def through(self, runs: Runs) -> Iterator[tuple[int, Step]]:
        """How far it is through each of some calls; of several functions, all have to lead there."""
        for several, step in runs.calls:
            if all(each.name in self.far for each in several):
                yield max(self.far[each.name] for each in several) + 1, step


class Blocking:
    """What can be reached from the functions that were asked about, summed up backwards from the sinks."""

    def __init__(self, project: Project, types: Types) -> None:
        self.project, self.types, self.calls = project, types, Calls(types)
        self.waiting = Ways()  # to what waits: a database, a file, the network
        self.computing = Ways()  # to what keeps the processor busy
        self.runs: dict[str, Runs] = {}

    def explore(self, code: Code) -> None:
        """Read a function and what it runs, each once."""
        todo, fresh = deque([code]), list[str]()
        while todo:
            here = todo.popleft()
            if here.name not in self.runs:
                self.runs[here.name] = self.calls.of(here)
                fresh.append(here.name)
                todo += (each for several, _ in self.runs[here.name].calls for each in several)
        callers: defaultdict[str, list[str]] = defaultdict(list)
        for name in fresh:
            for each in {each.name for several, _ in self.runs[name].calls for each in several}:
                callers[each].append(name)
        self.spread(((name, self.runs[name].sink) for name in fresh), callers, self.waiting)
        self.spread(((name, self.runs[name].computing) for name in fresh), callers, self.computing)

    def spread(
        self, sinks: Iterable[tuple[str, Step | None]], callers: dict[str, list[str]], ways: Ways
    ) -> None:
        """Carry sinks to callers, nearest first; what was explored before has all its ways already."""
        nearest: dict[str, int] = {}
        for name, sink in sinks:
            if sink:
                ways.first[name] = sink
            known = [0] if sink else [far for far, _ in ways.through(self.runs[name])]
            nearest |= {name: min(known)} if known else {}
        todo = sorted((far, name) for name, far in nearest.items())
        while todo:
            far, name = heappop(todo)
            if name in ways.far:
                continue
            if name not in ways.first:  # of those that are as near, the one that is called first
                ways.first[name] = next(step for way, step in ways.through(self.runs[name]) if way == far)
            ways.far[name] = far
            for caller in callers.get(name, ()):
                if caller not in ways.far and nearest.get(caller, far + 2) > far + 1:
                    for way, _ in ways.through(self.runs[caller]):
                        nearest[caller] = min(way, nearest.get(caller, way))
                        heappush(todo, (nearest[caller], caller))

    def chain(self, name: str, *, computing: bool = False) -> list[Step]:
        """The calls from a function to the sink; empty if it does not block."""
        code = self.types.function(name)
        if code and name not in self.runs:
            self.explore(code)
        ways = self.computing if computing else self.waiting
        steps: list[Step] = []
        while name in ways.first:
            steps.append(ways.first[name])
            name = steps[-1].callee
        return steps
