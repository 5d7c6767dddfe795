"""Models for tests: folders of versions, and a runtime whose models answer when a test says so."""

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

from app.core.predictions.model import Card, Rows, Scores
from app.core.predictions.predictor import SHIPPED

DIGITS = SHIPPED / "1"
POISON = 13  # a first pixel that the gated model fails at
RUNTIME = __name__


class GatedModel:
    """Says which digit the first pixel is, while the gate is open."""

    gate = threading.Event()
    batches: tuple[int, ...] = ()  # how many rows each call was for

    def __init__(self, labels: int) -> None:
        self.labels = labels

    def predict(self, rows: Rows) -> list[Scores]:
        GatedModel.batches += (len(rows),)
        assert GatedModel.gate.wait(30)
        if any(row[0][0] == POISON for row in rows):
            raise ArithmeticError("poison")
        return [[float(row[0][0] == label) for label in range(self.labels)] for row in rows]


def load(content: bytes, card: Card) -> GatedModel:
    """This module is a runtime, too."""
    assert content
    return GatedModel(len(card.labels))


def image(first: float = 0) -> list[list[float]]:
    """An image whose first pixel is this bright."""
    return [[first, *[0.0] * 7], *[[0.0] * 8] * 7]


def write_version(folder: Path, number: int, content: bytes | None = None, **changes: Any) -> Path:  # noqa: ANN401 - fields of a card
    """A version like the one that ships, but for what is given."""
    content = (DIGITS / "model.onnx").read_bytes() if content is None else content
    card = json.loads((DIGITS / "model.json").read_text())
    card |= {"sha256": hashlib.sha256(content).hexdigest()} | changes
    version = folder / str(number)
    version.mkdir(parents=True, exist_ok=True)
    (version / "model.onnx").write_bytes(content)
    (version / "model.json").write_text(json.dumps(card))
    return version
