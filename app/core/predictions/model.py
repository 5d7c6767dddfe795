"""What a model is to the service: a file, a card that describes it, and one method."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, FailFast, Field, TypeAdapter

Row = Any  # lists of numbers, as deep as the model's shape is long
Rows = Sequence[Row]
Scores = list[float]
NUMBERS: dict[str, type[int] | type[float]] = {"float32": float, "int64": int}


class Model(Protocol):
    """What a team brings. Called in a thread, by as many at once as `APP_PREDICTIONS_THREADS` says."""

    def predict(self, rows: Rows) -> list[Scores]:
        """A list for each row: a score for each label, in the order of the card."""


class Part(BaseModel):
    """A part of a card. Unknown names are refused: a misspelling is never lost."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Inputs(Part):
    """What the model takes."""

    description: str
    shape: tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...] = Field(min_length=1, max_length=6)
    type: Literal["float32", "int64"]
    minimum: float
    maximum: float

    def rows(self) -> TypeAdapter[list[Row]]:
        """What checks rows: shape, type and range. It stops at the first mistake: rows may be large."""
        within = Field(ge=self.minimum, le=self.maximum, strict=True, allow_inf_nan=False)
        row: Any = Annotated[NUMBERS[self.type], within]
        for length in reversed(self.shape):
            row = Annotated[list[row], Field(min_length=length, max_length=length), FailFast()]
        return TypeAdapter(Annotated[list[row], FailFast()], config=ConfigDict(strict=True))


class Example(Part):
    """An input, and the label that the model gives it."""

    input: list[Any]
    label: str


class Card(Part):
    """What is known about a model."""

    name: str
    description: str
    file: str = Field(pattern=r"^[\w-]+\.\w+$")  # beside the card, and nowhere else
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    inputs: Inputs
    labels: tuple[str, ...] = Field(min_length=2)
    accuracy: float = Field(ge=0, le=1)
    measured_on: str
    example: Example

    @property
    def id(self) -> UUID:
        """The same for the same file, and for no other."""
        return UUID(self.sha256[:32])


class Runtime(Protocol):
    """A module that loads models of one format."""

    def load(self, content: bytes, card: Card) -> Model:
        """The model in the file's content; any exception says that there is none."""
