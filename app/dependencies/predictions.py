"""Who may ask the model, and what they have sent it. Optional: nothing else knows these names."""

import asyncio
from typing import Annotated, TypedDict, cast

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from app.core.errors import NotFound
from app.core.predictions.batcher import Patience
from app.core.predictions.model import Row
from app.core.predictions.predictor import Predictor
from app.dependencies.callers import Bearer, identify, log_in
from app.dependencies.resources import Shared, ThisWork, address_of
from app.schemas.prediction import PredictionCreate
from app.services.api_key_service import PREFIX
from app.services.prediction_service import ModelService, PredictionService


class PredictionsDisabled(NotFound):
    """Predictions are switched off, or what computes them is not installed."""


class PredictionState(TypedDict):
    """What the slice adds to the lifespan's state."""

    predictor: Predictor | None


async def limit_caller(request: Request, state: Shared, token: Bearer) -> None:
    """Let anyone in, counted by account if they say who they are, else by address.

    The transaction ends here: no connection is held while the model is waited for.
    """
    if token is None:
        await state["limiter"].count_address(address_of(request))
        return
    async with state["database"].transaction() as session:
        if token.startswith(PREFIX):
            await identify(request, session, token, needed=None)
        else:
            await log_in(request, session, token)


AnyCaller = Depends(limit_caller)


async def get_predictor(request: Request) -> Predictor:
    """The predictor, if there is one."""
    predictor = cast("PredictionState", request.state)["predictor"]
    if predictor is None:
        raise PredictionsDisabled("This service answers no predictions.")
    return predictor


ThePredictor = Annotated[Predictor, Depends(get_predictor)]


async def get_inputs(data: PredictionCreate, predictor: ThePredictor) -> list[Row]:
    """The inputs, of the shape, type and range that the model's card asks for."""
    try:
        return predictor.version.rows.validate_python(data.inputs)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError(
            [{**each, "loc": ("body", "inputs", *each["loc"])} for each in faults]
        ) from None


async def get_patience(request: Request) -> Patience:
    """Since when the client waits. After the body, the only message is that it has hung up."""
    now = asyncio.get_running_loop().time()
    return Patience(getattr(request.state, "arrived", now), request.receive)


async def get_predictions(predictor: ThePredictor) -> PredictionService:
    """Predictions."""
    return PredictionService(predictor)


async def get_models(work: ThisWork, predictor: ThePredictor) -> ModelService:
    """Versions of the model."""
    return ModelService(work.session, predictor, work.audit)


PredictionInputs = Annotated[list[Row], Depends(get_inputs)]
ClientPatience = Annotated[Patience, Depends(get_patience)]
Predictions = Annotated[PredictionService, Depends(get_predictions)]
Models = Annotated[ModelService, Depends(get_models)]
