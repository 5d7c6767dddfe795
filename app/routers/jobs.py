"""Jobs that somebody follows, and batch jobs that administrators start."""

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from fastapi import Request, Response
from fastapi.sse import format_sse_event

from app.core.cursors import InvalidCursor
from app.core.download import EventStream
from app.core.problems import problems
from app.core.routing import Router
from app.dependencies import (
    Admin,
    AdminOnly,
    AppSettings,
    Batches,
    Idempotent,
    IdempotentRoute,
    JobNews,
    JobQuery,
    JobReader,
    Jobs,
    JobWriter,
)
from app.models import Job
from app.routers.headers import EVENTS, LINKED, PLACED, created, link_next
from app.schemas.job import BatchResponse, BatchStart, JobResponse
from app.schemas.page import Page
from app.services.batch_service import BatchNotFound, InvalidParameters
from app.services.job_service import JobFinished, JobNotFound, JobNotRetryable
from app.services.paging import Slice

router = Router(tags=["jobs"], route_class=IdempotentRoute)


@router.get("/jobs", response_model=Page[JobResponse], responses=LINKED | problems(InvalidCursor))
async def list_jobs(
    user: JobReader, jobs: Jobs, query: JobQuery, request: Request, response: Response
) -> Slice[Job]:
    """List your jobs; administrators see everybody's."""
    page = await jobs.page(user, query)
    response.headers.update(link_next(request, page))
    return page


@router.get("/jobs/{job_id}", response_model=JobResponse, responses=problems(JobNotFound))
async def get_job(job_id: UUID, user: JobReader, jobs: Jobs) -> Job:
    """Read how far a job is."""
    return await jobs.get(user, job_id)


@router.get(
    "/jobs/{job_id}/events",
    response_class=EventStream,
    status_code=200,
    responses=EVENTS | problems(JobNotFound),
)
async def follow_job(
    job_id: UUID, user: JobReader, jobs: Jobs, news: JobNews, settings: AppSettings
) -> EventStream:
    """Follow a job: an event `job` with the whole of it, now and after each change, until it has ended."""
    job = await jobs.get(user, job_id)
    return EventStream(as_events(news.follow(job)), settings.http.read_timeout)


@router.post(
    "/jobs/{job_id}/cancel", response_model=JobResponse, responses=problems(JobNotFound, JobFinished)
)
async def cancel_job(job_id: UUID, user: JobWriter, jobs: Jobs) -> Job:
    """Stop a job: at once if it waits, else at its next step. What it has done stays done."""
    return await jobs.cancel(user, job_id)


@router.post(
    "/jobs/{job_id}/retry", response_model=JobResponse, responses=problems(JobNotFound, JobNotRetryable)
)
async def retry_job(job_id: UUID, user: JobWriter, jobs: Jobs) -> Job:
    """Start a job again that has failed or was cancelled. It goes on where it stopped."""
    return await jobs.retry(user, job_id)


@router.get("/batch-jobs", responses=problems(AdminOnly))
def list_batch_jobs(_: Admin, batches: Batches) -> Sequence[BatchResponse]:
    """List the batch jobs that there are, and what they take."""
    return batches.all()


@router.post(
    "/batch-jobs/{name}",
    response_model=JobResponse,
    status_code=202,
    responses=PLACED | problems(BatchNotFound, InvalidParameters, AdminOnly),
)
async def start_batch_job(  # noqa: PLR0913, PLR0917 - what the route needs
    name: str,
    data: BatchStart,
    admin: Admin,
    _: Idempotent,
    batches: Batches,
    request: Request,
    response: Response,
) -> Job:
    """Start a batch job."""
    job = await batches.start(admin, name, data)
    return created(request, response, job, "get_job", job_id=job.id)


async def as_events(news: AsyncGenerator[Job]) -> AsyncGenerator[bytes]:
    """Each state of a job as a server-sent event."""
    async for job in news:
        data = JobResponse.model_validate(job).model_dump_json()
        yield format_sse_event(data_str=data, event="job", id=job.revision)
