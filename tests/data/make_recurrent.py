"""`make model` writes recurrent/1, too: a network that costs milliseconds, for the tests under load.

It takes 8,000 small steps one after the other, as models of language and of time series do, and has learned
nothing: what it costs is what it is for. One input takes as long as the steps take, and 64 hardly longer.
It runs where the model that ships is trained (requirements/train.txt).
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

FOLDER = Path(__file__).parent / "recurrent" / "1"
DIGITS = Path(__file__).parents[2] / "app" / "predictors" / "digits" / "1" / "model.json"
STEPS = 8_000
WIDTH = 32
PIXELS = 64
LABELS = 10


def network() -> bytes:
    """Each step mixes the state, adds the image to it, and bends it."""
    random = np.random.default_rng(20_261_125)

    def weights(name: str, *shape: int) -> object:
        values = random.standard_normal(shape) / shape[0] ** 0.5
        return numpy_helper.from_array(values.astype(np.float32), name)

    def constant(name: str, value: object) -> object:
        return numpy_helper.from_array(np.array(value), name)

    tensor, node = helper.make_tensor_value_info, helper.make_node
    step = helper.make_graph(
        [
            node("MatMul", ["before", "mix"], ["mixed"]),
            node("Add", ["mixed", "image"], ["both"]),
            node("Tanh", ["both"], ["after"]),
            node("Identity", ["go_in"], ["go_out"]),
        ],
        "step",
        [
            tensor("number", TensorProto.INT64, []),
            tensor("go_in", TensorProto.BOOL, []),
            tensor("before", TensorProto.FLOAT, None),
        ],
        [tensor("go_out", TensorProto.BOOL, []), tensor("after", TensorProto.FLOAT, None)],
    )
    graph = helper.make_graph(
        [
            node("Flatten", ["images"], ["flat"]),
            node("Mul", ["flat", "scale"], ["pixels"]),
            node("MatMul", ["pixels", "read"], ["image"]),
            node("Loop", ["steps", "go", "image"], ["state"], body=step),
            node("MatMul", ["state", "write"], ["evidence"]),
            node("Softmax", ["evidence"], ["scores"]),
        ],
        "recurrent",
        [tensor("images", TensorProto.FLOAT, [None, 8, 8])],
        [tensor("scores", TensorProto.FLOAT, [None, LABELS])],
        [
            weights("mix", WIDTH, WIDTH),
            weights("read", PIXELS, WIDTH),
            weights("write", WIDTH, LABELS),
            constant("scale", np.float32(1 / 16)),
            constant("steps", np.int64(STEPS)),
            constant("go", value=True),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    content: bytes = model.SerializeToString()
    return content


def main() -> None:
    """Write the file and its card, which is that of the digits but for what differs."""
    content = network()
    told = json.loads(DIGITS.read_text())
    image = np.array([told["example"]["input"]], np.float32)
    [scores] = InferenceSession(content).run(None, {"images": image})[-1]
    told |= {
        "name": "recurrent",
        "description": "Has learned nothing, and costs milliseconds.",
        "sha256": hashlib.sha256(content).hexdigest(),
        "accuracy": 0,
        "measured_on": "nothing",
    }
    told["example"]["label"] = told["labels"][int(scores.argmax())]
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "model.onnx").write_bytes(content)
    (FOLDER / "model.json").write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
