"""Models in the ONNX format, exported from PyTorch, TensorFlow, scikit-learn and others."""

from typing import cast

import numpy as np
from onnxruntime import InferenceSession, SessionOptions

from app.core.predictions.model import Card, Rows, Scores

FATAL = 4  # a file that cannot be loaded is reported by us


class OnnxModel:
    """A graph whose first input is a batch of rows, and whose last output is their scores."""

    def __init__(self, content: bytes, card: Card) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the caller's thread and no other
        options.log_severity_level = FATAL
        self._session = InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._type = np.dtype(card.inputs.type)

    def predict(self, rows: Rows) -> list[Scores]:
        """Scores of rows."""
        scores = self._session.run(None, {self._input: np.asarray(rows, self._type)})[-1]
        return cast("list[Scores]", scores.tolist())


load = OnnxModel
