"""Models of PyTorch, where it is installed: TorchScript (`.pt`) and `torch.export` (`.pt2`)."""

from io import BytesIO
from typing import cast

import torch

from app.core.predictions.model import Card, Rows, Scores

TYPES = {"float32": torch.float32, "int64": torch.int64}


class TorchModel:
    """A module that takes a batch of rows and gives their scores."""

    def __init__(self, content: bytes, card: Card) -> None:
        torch.set_num_threads(1)  # of each batch; several batches run beside each other
        exported, file = card.file.endswith(".pt2"), BytesIO(content)
        self._module = torch.export.load(file).module() if exported else torch.jit.load(file).eval()
        self._type = TYPES[card.inputs.type]

    def predict(self, rows: Rows) -> list[Scores]:
        """Scores of rows."""
        with torch.inference_mode():
            return cast("list[Scores]", self._module(torch.tensor(rows, dtype=self._type)).tolist())


load = TorchModel
