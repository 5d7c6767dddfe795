"""`make model`: train the model that ships, the same one each time, and write the rows it has not seen."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).parents[1]
VERSION = ROOT / "app" / "predictors" / "digits" / "1"
HELD_OUT = ROOT / "tests" / "data" / "digits_held_out.csv"
SEED = 20_261_125
SIDE = 8  # pixels
BRIGHTEST = 16
OPSET = 18  # read by every onnxruntime since 1.14


def train() -> tuple[Pipeline, np.ndarray, np.ndarray]:
    """The classifier, and the images and labels that were kept from it: a quarter of each digit."""
    images, digits = load_digits(return_X_y=True)
    seen, unseen, learned, asked = train_test_split(
        images, digits, test_size=0.25, random_state=SEED, stratify=digits
    )
    network = MLPClassifier((64,), alpha=0.1, max_iter=500, random_state=SEED)
    return make_pipeline(StandardScaler(), network).fit(seen, learned), unseen, asked


def export(classifier: Pipeline) -> bytes:
    """An ONNX graph from images, so many rows of eight by eight, to the probability of each digit."""
    row = np.zeros((1, SIDE * SIDE), np.float32)
    model: ModelProto = to_onnx(classifier, row, target_opset=OPSET, options={"zipmap": False})
    graph = model.graph
    del graph.output[0]  # the label: whoever asks for the probabilities can see it
    pixels = graph.input[0].name
    graph.node.insert(0, helper.make_node("Flatten", ["images"], [pixels]))
    del graph.input[0]
    graph.input.append(helper.make_tensor_value_info("images", TensorProto.FLOAT, [None, SIDE, SIDE]))
    content: bytes = model.SerializeToString()
    return content


def card(content: bytes, accuracy: float, image: list[list[float]], label: str) -> dict[str, Any]:
    """What the service and its clients need to know about the model."""
    return {
        "name": "digits",
        "description": "Reads a handwritten digit, scanned as eight by eight pixels.",
        "file": "model.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "inputs": {
            "description": "Rows of pixels, from 0 (paper) to 16 (ink).",
            "shape": [SIDE, SIDE],
            "type": "float32",
            "minimum": 0,
            "maximum": BRIGHTEST,
        },
        "labels": [str(digit) for digit in range(10)],
        "accuracy": accuracy,
        "measured_on": "450 of the 1,797 UCI ML hand-written digits, none of them used to train",
        "example": {"input": image, "label": label},
    }


def main() -> None:
    """Train, measure, write."""
    classifier, unseen, asked = train()
    content = export(classifier)
    accuracy = round(float(classifier.score(unseen, asked)), 4)
    image = unseen[0].astype(int).reshape(SIDE, SIDE).tolist()
    VERSION.mkdir(parents=True, exist_ok=True)
    (VERSION / "model.onnx").write_bytes(content)
    told = card(content, accuracy, image, str(asked[0]))
    (VERSION / "model.json").write_text(json.dumps(told, indent=2) + "\n")
    with HELD_OUT.open("w", newline="") as file:
        rows = ([digit, *pixels] for digit, pixels in zip(asked, unseen.astype(int).tolist(), strict=True))
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(f"{len(content):,} bytes, {accuracy:.2%} of {len(asked)} unseen images right")


if __name__ == "__main__":
    main()
