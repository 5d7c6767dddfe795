"""What one run found, kept as JSON so that the page can be written again without measuring."""

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from bench.environments import FOLDER
from bench.samples import NOISE, Figures, Sample, summarise

FILE = FOLDER / "results.json"


@dataclass(frozen=True)
class Participant:
    """A contender, and what the service should reach beside it."""

    name: str
    title: str
    least: float | None
    aim: float | None


@dataclass(frozen=True)
class Results:
    """A run."""

    date: str
    command: str
    machine: dict[str, str]
    participants: list[Participant]
    samples: list[Sample]
    missing: dict[str, str]
    start: dict[str, str] = field(default_factory=dict)

    def figures(self) -> Figures:
        """Medians by contender and cell."""
        return summarise(self.samples)

    def noise(self) -> float:
        """The cores that others used."""
        return median(each.foreign for each in self.samples)


def quietness(noise: float) -> str:
    """In words, how busy the machine was with other things."""
    if noise <= NOISE:
        return f"Others used {noise:.2f} of a core meanwhile (the median of all samples)."
    return (
        f"**The machine was busy with other work, {noise:.1f} cores' worth (the median of all samples).** "
        "Compare figures of this run with each other, not with those of another."
    )


ADAPTER = TypeAdapter(Results)


def save(results: Results, file: Path = FILE) -> None:
    """Keep it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(ADAPTER.dump_json(results))


def load(file: Path = FILE) -> Results:
    """The last run."""
    return ADAPTER.validate_json(file.read_bytes())
