"""Predictions over the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, WithJsonSchema

from app.core.predictions.model import Row
from app.core.predictions.settings import MAX_INPUTS
from app.schemas.base import Input, Output

SEVEN = [
    [0, 0, 7, 8, 13, 16, 15, 1],
    [0, 0, 7, 7, 4, 11, 12, 0],
    [0, 0, 0, 0, 8, 13, 1, 0],
    [0, 4, 8, 8, 15, 15, 6, 0],
    [0, 2, 11, 15, 15, 4, 0, 0],
    [0, 0, 0, 16, 5, 0, 0, 0],
    [0, 0, 9, 15, 1, 0, 0, 0],
    [0, 0, 13, 5, 0, 0, 0, 0],
]
TENSOR = {
    "type": "array",
    "minItems": 1,
    "maxItems": MAX_INPUTS,
    "items": {"type": "array", "items": {}},
    "examples": [[SEVEN]],
}


class PredictionCreate(Input):
    """One input or a batch. The model's own description says what an input is."""

    inputs: Annotated[
        list[Row],
        Field(min_length=1, max_length=MAX_INPUTS),
        WithJsonSchema(TENSOR | {"description": "Lists of numbers, of the model's shape and range."}),
    ]


class Prediction(Output):
    """What the model says about one input."""

    label: str = Field(examples=["7"])
    score: float = Field(description="Of the label, from 0 to 1.", examples=[0.98])
    scores: dict[str, float] = Field(
        description="The best ten labels, the best first.", examples=[{"7": 0.98, "9": 0.02}]
    )


class PredictionResponse(Output):
    """Predictions in the order of the inputs, all by one version of the model."""

    model: str = Field(examples=["digits"])
    version: int = Field(examples=[1])
    predictions: list[Prediction]


class ModelInputs(Output):
    """What an input is."""

    description: str = Field(examples=["Rows of pixels, from 0 (paper) to 16 (ink)."])
    shape: list[int] = Field(description="How long the lists are, the outermost first.", examples=[[8, 8]])
    type: Literal["float32", "int64"] = Field(description="Of each number.")
    minimum: float = Field(examples=[0])
    maximum: float = Field(examples=[16])


class ModelExample(Output):
    """An input, and the label that the model gives it."""

    input: list[Any] = Field(examples=[SEVEN])
    label: str = Field(examples=["7"])


class ModelResponse(Output):
    """The model that serves."""

    id: UUID = Field(description="Of the file: the audit trail names it by this.")
    name: str = Field(examples=["digits"])
    version: int = Field(examples=[1])
    description: str = Field(examples=["Reads a handwritten digit, scanned as eight by eight pixels."])
    inputs: ModelInputs
    labels: list[str] = Field(examples=[["0", "1", "2"]])
    accuracy: float = Field(description="Part of unseen inputs that it labels rightly.", examples=[0.97])
    measured_on: str = Field(examples=["450 images, none of them used to train"])
    example: ModelExample
