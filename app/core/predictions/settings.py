"""Settings of predictions."""

from pathlib import Path

from pydantic import Field

from app.core.setting_groups import Group, Seconds

MAX_INPUTS = 256  # of one request


class PredictionSettings(Group):
    """``APP_PREDICTIONS_*``: which model answers, and how many wait for it."""

    enabled: bool = Field(default=True, description="Answer predictions, where the runtime is installed.")
    folder: Path | None = Field(
        None, description="Folder of a model, with a folder for each version; unset, the one that ships."
    )
    runtime: str = Field(
        "app.core.predictions.onnx_model",
        description="Module that loads the model: this one, `app.core.predictions.torch_model` or your own.",
    )
    refresh: Seconds = Field(10, description="Seconds between two looks for a new version of the model.")
    threads: int = Field(1, ge=1, le=64, description="Batches computed at a time, each on one core.")
    max_batch: int = Field(64, ge=1, le=4096, description="Most inputs computed together.")
    max_wait: Seconds = Field(0.002, description="Seconds an input waits for others to be computed with.")
    queue: int = Field(4096, ge=MAX_INPUTS, description="Inputs that may wait in one process; more are 503.")
    deadline: Seconds = Field(5, description="Seconds a request may wait for its predictions before 503.")
