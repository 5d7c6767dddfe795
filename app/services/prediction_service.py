"""Predictions, and the change to another version of the model."""

from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter

from app.core.database import Session
from app.core.predictions.batcher import Patience
from app.core.predictions.model import Row, Scores
from app.core.predictions.predictor import Predictor
from app.core.predictions.versions import Version
from app.models import Action, User
from app.schemas.prediction import ModelResponse, Prediction, PredictionResponse
from app.services.audit_service import AuditService

SHOWN = 10  # labels of a prediction


@dataclass(frozen=True)
class PredictionService:
    """Asks the model. It needs no database, and holds no connection while it waits."""

    predictor: Predictor

    def model(self) -> ModelResponse:
        """The model that serves."""
        return describe(self.predictor.version)

    async def predict(self, rows: list[Row], patience: Patience) -> PredictionResponse:
        """Predictions for rows that were checked against the model.

        Raises:
            PredictionQueueFull, PredictionTooLate, ClientGone, ModelUnavailable: see Predictor.
        """
        answer = await self.predictor.predict(rows, patience)
        card = answer.version.card
        return PredictionResponse(
            model=card.name,
            version=answer.version.number,
            predictions=[prediction(card.labels, scores) for scores in answer.scores],
        )


@dataclass(frozen=True)
class ModelService:
    """Changes the model."""

    session: Session
    predictor: Predictor
    audit: AuditService

    async def reload(self, admin: User) -> ModelResponse:
        """Change to the newest version in the folder.

        Raises:
            ModelRefused: it is unusable; the version that served goes on serving.
        """

        async def record(version: Version) -> None:
            self.audit.record(Action.PREDICTION_MODEL_LOADED, actor=admin.id, target=version.card.id)
            await self.session.flush()  # no version serves whose event cannot be written

        await self.session.commit()  # loading takes a while, and needs no connection
        return describe(await self.predictor.renew(record))


def describe(version: Version) -> ModelResponse:
    """A version as its clients see it."""
    return ModelResponse.model_validate(
        {"id": version.card.id, "version": version.number} | version.card.model_dump()
    )


def prediction(labels: tuple[str, ...], scores: Scores) -> Prediction:
    """The best labels of an input."""
    best = nlargest(SHOWN, zip(labels, scores, strict=True), key=itemgetter(1))
    label, score = best[0]
    return Prediction(label=label, score=score, scores=dict(best))
