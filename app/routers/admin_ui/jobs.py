"""Jobs that somebody follows, and batch jobs to start."""

from uuid import UUID

from fastapi import Response

from app.core.problems import problems
from app.dependencies import Batches, Jobs
from app.dependencies.admin_ui import AdminVisit, AskedJobs, BatchForm, JobAnswer, JobQuestion, Reader
from app.models import User
from app.models.job import FINISHED
from app.routers.admin_ui.pages import Pages, go, show
from app.routers.admin_ui.questions import Deed, Thing, ask
from app.schemas.admin_ui import Chosen
from app.services.batch_service import BatchNotFound, InvalidParameters
from app.services.job_service import JobFinished, JobNotFound, JobNotRetryable, JobService

router = Pages("/jobs")
DEEDS = {
    "cancel": Deed("Cancel", "They stop, at their next step if they run. What they have done stays done."),
    "retry": Deed("Retry", "They go on where they stopped."),
}


@router.get("")
async def show_jobs(
    visit: AdminVisit, jobs: Jobs, batches: Batches, asked: AskedJobs, reader: Reader
) -> Response:
    """Everybody's jobs."""
    page = await jobs.page(visit.admin, asked)
    people = await reader.emails(job.owner_id for job in page.items)
    return show(visit, "jobs.html", page=page, people=people, deeds=DEEDS, batches=batches.all())


@router.get("/question")
async def ask_about_jobs(visit: AdminVisit, jobs: Jobs, question: JobQuestion) -> Response:
    """Ask first."""
    chosen = [await jobs.get(visit.admin, job_id) for job_id in question.selected]
    things = [Thing(job.id, f"{job.kind} · {job.status}", job) for job in chosen]
    return ask(visit, question.action, DEEDS[question.action], things, "/jobs")


@router.post("/question", responses=problems(JobNotFound, JobFinished, JobNotRetryable))
async def change_jobs(visit: AdminVisit, jobs: Jobs, answer: JobAnswer) -> Response:
    """The answer was yes."""
    for chosen in answer.selected:
        await act(jobs, visit.admin, answer.action, chosen)
    return go("/jobs", answer.action)


@router.get("/batches/{name}", responses=problems(BatchNotFound))
def show_batch(name: str, visit: AdminVisit, batches: Batches) -> Response:
    """What a batch job does and takes."""
    return show(visit, "batch.html", batch=batches.get(name))


@router.post("/batches/{name}", responses=problems(BatchNotFound, InvalidParameters))
async def start_batch(name: str, visit: AdminVisit, batches: Batches, form: BatchForm) -> Response:
    """Start it."""
    job = await batches.start(visit.admin, name, form)
    return go(f"/jobs/{job.id}", "started")


@router.get("/{job_id}", responses=problems(JobNotFound))
async def show_job(job_id: UUID, visit: AdminVisit, jobs: Jobs, reader: Reader) -> Response:
    """How far a job is; the page looks again until it has ended."""
    job = await jobs.get(visit.admin, job_id)
    people = await reader.emails([job.owner_id])
    return show(visit, "job.html", job=job, people=people, deeds=DEEDS, is_finished=job.status in FINISHED)


async def act(jobs: JobService, admin: User, action: str, chosen: Chosen) -> None:
    """Do it to one of them; how far it was when that was asked is of no matter."""
    if action == "cancel":
        await jobs.cancel(admin, chosen.id)
    else:
        await jobs.retry(admin, chosen.id)
