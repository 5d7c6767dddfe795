"""Batch jobs that administrators start by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from app.core.errors import Fault, Invalid, NotFound, pointer
from app.models import Job, User
from app.schemas.job import BatchResponse, BatchStart
from app.services.job_kinds import BATCHES, Batch
from app.services.job_service import JobService


class BatchNotFound(NotFound):
    """There is no batch job of this name."""


class InvalidParameters(Invalid):
    """The batch job does not take these parameters; the errors say why."""


@dataclass(frozen=True)
class BatchService:
    """Lists and starts batch jobs."""

    jobs: JobService

    def all(self) -> Sequence[BatchResponse]:
        """What there is to start."""
        return [self.get(name) for name in BATCHES]

    def get(self, name: str) -> BatchResponse:
        """What a batch job does and takes.

        Raises:
            BatchNotFound: there is none of this name.
        """
        batch = _known(name)
        schema = batch.parameters.model_json_schema()
        return BatchResponse(name=name, description=batch.description, parameters=schema)

    async def start(self, admin: User, name: str, data: BatchStart) -> Job:
        """Order a batch job.

        Raises:
            BatchNotFound: there is none of this name.
            InvalidParameters: it does not take these.
        """
        batch = _known(name)
        try:
            parameters = batch.parameters.model_validate(data.root)
        except ValidationError as error:
            raise InvalidParameters("The batch job does not take these.", *_faults(error)) from None
        return await self.jobs.start(admin, batch.task, parameters.model_dump(mode="json"))


def _known(name: str) -> Batch:
    if batch := BATCHES.get(name):
        return batch
    raise BatchNotFound("There is no such batch job.")


def _faults(error: ValidationError) -> list[Fault]:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return [Fault(pointer(each["loc"]), each["type"], each["msg"]) for each in found]
