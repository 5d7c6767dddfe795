"""The versions of a model: a folder each, whose name is a number, with a card and the file that it names."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from pydantic import TypeAdapter

from app.core.errors import Conflict
from app.core.predictions.model import Card, Model, Row, Rows, Runtime, Scores

CARD = "model.json"
logger = logging.getLogger("app.predictions")


class ModelRefused(Conflict):
    """The newest version of the model cannot be used; the one that served before goes on serving."""


class WrongScores(Exception):
    """The model did not give each row a finite score for each label."""


@dataclass(frozen=True, slots=True)
class Version:
    """A model that was loaded, and has labelled its example rightly."""

    number: int
    card: Card
    model: Model
    rows: TypeAdapter[list[Row]]  # what checks inputs

    @property
    def contract(self) -> object:
        """What clients rely on: it must not change while they send requests."""
        inputs = self.card.inputs
        return inputs.shape, inputs.type, inputs.minimum, inputs.maximum, self.card.labels

    def predict(self, rows: Rows) -> list[Scores]:
        """Scores of rows, of which there are at most as many as a batch may have.

        Raises:
            WrongScores: the model breaks its promise.
        """
        scores = self.model.predict(rows)
        shape = {len(each) for each in scores}
        if len(scores) != len(rows) or shape != {len(self.card.labels)}:
            raise WrongScores(f"{len(rows)} rows got {len(scores)} times {shape} scores")
        if not all(isfinite(sum(each)) for each in scores):
            raise WrongScores("a score is not finite")
        return scores

    def label(self, scores: Scores) -> str:
        """The label of the highest score."""
        return self.card.labels[max(range(len(scores)), key=scores.__getitem__)]


@dataclass(frozen=True)
class Versions:
    """The folder of a model. Everything here blocks, and belongs into a thread."""

    folder: Path
    runtime: Runtime

    def numbers(self) -> list[int]:
        """Which versions there are, the newest first."""
        if not self.folder.is_dir():
            return []
        names = [path.name for path in self.folder.iterdir()]
        return sorted((int(name) for name in names if name.isascii() and name.isdigit()), reverse=True)

    def stamp(self) -> list[tuple[str, int]]:
        """Another whenever the newest version has changed."""
        folders = [self.folder / str(number) for number in self.numbers()[:1]]
        files = sorted(file for folder in folders for file in folder.iterdir())
        return [(str(file), file.stat().st_mtime_ns) for file in files]

    def newest(self) -> Version:
        """The newest version, loaded.

        Raises:
            ModelRefused: it is not what its card says, or there is none.
        """
        if numbers := self.numbers():
            return self._load(numbers[0])
        raise ModelRefused("There is no version of the model.")

    def newest_usable(self) -> Version | None:
        """The newest version that can be loaded, if there is any."""
        return next(self._usable(), None)

    def _usable(self) -> Iterator[Version]:
        for number in self.numbers():
            try:
                yield self._load(number)
            except ModelRefused as error:
                logger.error("model refused", extra={"error": error.detail})  # noqa: TRY400 - logged with it

    def _load(self, number: int) -> Version:
        try:
            card, content = self._read(self.folder / str(number))
            version = Version(number, card, self.runtime.load(content, card), card.inputs.rows())
            [scores] = version.predict(version.rows.validate_python([card.example.input]))
        except Exception as error:  # whatever a runtime raises about a file that it cannot read
            logger.warning("model unusable", extra={"version": number}, exc_info=error)
            raise ModelRefused(f"Version {number} cannot be used; the log says why.") from error
        if version.label(scores) != card.example.label:
            raise ModelRefused(f"Version {number} gives its example another label than its card.")
        return version

    def _read(self, folder: Path) -> tuple[Card, bytes]:
        card = Card.model_validate_json((folder / CARD).read_bytes())
        content = (folder / card.file).read_bytes()
        if hashlib.sha256(content).hexdigest() != card.sha256:
            raise ValueError(f"{card.file} is not the file that {CARD} describes")
        return card, content
