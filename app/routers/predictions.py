"""Predictions of a model. Optional: docs/predictions.md says how to remove them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from app.core.config import Settings
from app.core.metrics import Metrics
from app.core.predictions.batcher import ClientGone, PredictionQueueFull, PredictionTooLate
from app.core.predictions.metrics import create_prediction_metrics
from app.core.predictions.predictor import ModelUnavailable, open_predictor
from app.core.predictions.turns import Turns
from app.core.predictions.versions import ModelRefused
from app.core.problems import problems
from app.core.routing import API, Router
from app.dependencies import Admin, AdminOnly
from app.dependencies.predictions import (
    AnyCaller,
    ClientPatience,
    Models,
    PredictionInputs,
    Predictions,
    PredictionsDisabled,
    PredictionState,
)
from app.schemas.prediction import ModelResponse, PredictionResponse

router = Router(prefix="/predictions", tags=["predictions"])
NO_TOKEN_NEEDED: dict[str, Any] = {"security": [{}]}  # addresses are counted, too
PREDICTING = problems(
    PredictionsDisabled, ClientGone, PredictionQueueFull, PredictionTooLate, ModelUnavailable
)


@router.post("", dependencies=[AnyCaller], responses=PREDICTING, openapi_extra=NO_TOKEN_NEEDED)
async def make_predictions(
    inputs: PredictionInputs, predictions: Predictions, patience: ClientPatience
) -> PredictionResponse:
    """Ask the model about one input, or about many at once."""
    return await predictions.predict(inputs, patience)


@router.get(
    "/model",
    dependencies=[AnyCaller],
    responses=problems(PredictionsDisabled, ModelUnavailable),
    openapi_extra=NO_TOKEN_NEEDED,
)
def get_prediction_model(predictions: Predictions) -> ModelResponse:
    """Read what the model takes, what it answers, and how often it is right."""
    return predictions.model()


@router.post("/model/reload", responses=problems(AdminOnly, PredictionsDisabled, ModelRefused))
async def reload_prediction_model(admin: Admin, models: Models) -> ModelResponse:
    """Change to the newest version in the model's folder, without failing a request."""
    return await models.reload(admin)


def add_predictions(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """The routes, and the model for as long as the app runs: all that `main` needs to know of them."""
    instruments = create_prediction_metrics(metrics.registry)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[PredictionState]:
        async with open_predictor(settings.predictions, instruments) as predictor:
            yield {"predictor": predictor}

    app.add_middleware(Turns, path=f"{API}{router.prefix}")
    app.include_router(router, prefix=API)
    app.include_router(APIRouter(lifespan=lifespan))  # which includes nothing else
