"""Samples, and what is made of them: medians of the good ones, and ratios."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import geometric_mean, median

from bench.load import Load
from bench.proc import Memory
from bench.workloads import AUTHENTICATED, FEW

NOISE = 0.15  # cores that others may use during a sample
SOUND = (
    10  # requests per connection that a sample needs: those in flight at its end are worked on, not counted
)
ENOUGH = 3  # good samples; of fewer, the others are used as well, and the figure is marked


@dataclass(frozen=True)
class Cell:
    """A workload at a number of connections: as fast as it goes, or paced at half of that."""

    workload: str
    connections: int
    paced: bool = False


@dataclass(frozen=True)
class Sample:
    """A few seconds of load on one contender."""

    contender: str
    cell: Cell
    load: Load
    cpu: float  # seconds, of the contender's processes
    database: float  # seconds, of PostgreSQL's
    memory: Memory
    foreign: float  # cores that neither it, nor the load, nor the database used

    @property
    def answered(self) -> int:
        """Requests; none at all counts as one, so that ratios can be made of it."""
        return max(1, self.load.requests)

    @property
    def good(self) -> bool:
        """Whether hardly anybody else worked on the machine, and the sample is long enough."""
        return self.foreign <= NOISE and self.sound

    @property
    def sound(self) -> bool:
        """Whether there were enough requests."""
        return self.cell.paced or self.load.requests >= SOUND * self.cell.connections


@dataclass(frozen=True)
class Figure:
    """The median of a cell's samples."""

    rate: float  # requests a second
    cpu: float  # microseconds a request
    database: float
    p50: float  # milliseconds
    p99: float
    errors: int
    memory: Memory
    foreign: float
    sound: bool  # whether the samples were long enough
    good: int  # samples that were, and quiet
    samples: int

    @property
    def reliable(self) -> bool:
        """Whether it was made of good samples only."""
        return self.good >= min(ENOUGH, self.samples)


Figures = dict[str, dict[Cell, Figure]]


def summarise(samples: Iterable[Sample]) -> Figures:
    """Figures by contender and cell."""
    groups: dict[tuple[str, Cell], list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.contender, sample.cell].append(sample)
    figures: Figures = defaultdict(dict)
    for (contender, cell), group in groups.items():
        figures[contender][cell] = figure(group)
    return dict(figures)


def figure(group: list[Sample]) -> Figure:
    """The median of the good samples, if there are enough of them; else of all."""
    good = [each for each in group if each.good]
    used = good if len(good) >= min(ENOUGH, len(group)) else group
    return Figure(
        rate=median(each.answered / each.load.seconds for each in used),
        cpu=median(each.cpu / each.answered * 1e6 for each in used),
        database=median(each.database / each.answered * 1e6 for each in used),
        p50=median(each.load.p50 for each in used),
        p99=median(each.load.p99 for each in used),
        errors=sum(each.load.errors for each in group),
        memory=Memory(median(each.memory.rss for each in used), median(each.memory.pss for each in used)),
        foreign=median(each.foreign for each in group),
        sound=all(each.sound for each in used),
        good=len(good),
        samples=len(group),
    )


@dataclass(frozen=True)
class Ratio:
    """How many times the one is as fast as the other, over all workloads that need an account."""

    rate: float
    cpu: float


def ratio(one: dict[Cell, Figure], other: dict[Cell, Figure]) -> Ratio:
    """Geometric means over W2 to W5."""
    cells = [cell for cell in (Cell(name, FEW) for name in AUTHENTICATED) if cell in one and cell in other]
    return Ratio(
        rate=geometric_mean(one[cell].rate / other[cell].rate for cell in cells),
        cpu=geometric_mean(other[cell].cpu / one[cell].cpu for cell in cells),
    )
