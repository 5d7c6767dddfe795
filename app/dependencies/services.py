"""The services, built around the work of the request."""

from typing import Annotated

from fastapi import BackgroundTasks, Depends

from app.dependencies.resources import Shared, ThisWork, Work, of_work
from app.services.api_key_service import ApiKeyService
from app.services.audit_service import AuditService
from app.services.auth_service import AuthService
from app.services.batch_service import BatchService
from app.services.confirmation_service import ConfirmationService
from app.services.event_service import EventService
from app.services.export_service import ExportService
from app.services.health_service import HealthService
from app.services.import_service import ImportService
from app.services.item_service import ItemService
from app.services.job_service import JobService
from app.services.job_watcher import JobWatcher
from app.services.letter_service import LetterService
from app.services.mails import Mails
from app.services.queue_service import QueueOperator, QueueService
from app.services.session_service import SessionService
from app.services.two_factor_service import TwoFactorService
from app.services.upload_service import UploadService
from app.services.user_service import UserService


def get_audit(work: Work) -> AuditService:
    """The audit trail."""
    return work.audit


Audit = Annotated[AuditService, of_work(get_audit)]


async def get_letters(work: ThisWork, background: BackgroundTasks) -> LetterService:
    """Mails to account holders."""
    return LetterService(
        session=work.session,
        mails=Mails(work.state["settings"].mail.links),
        mailer=work.state["mailer"],
        vault=work.state["vault"],
        throttle=work.state["throttle"],
        audit=work.audit,
        client_address=work.address,
        later=background.add_task,
    )


def get_confirmations(work: Work) -> ConfirmationService:
    """Tokens from mails."""
    return ConfirmationService(work.session)


def get_users(work: Work) -> UserService:
    """Accounts."""
    state = work.state
    return UserService(work.session, state["passwords"], state["throttle"], work.pager, work.audit)


def get_two_factor(work: Work) -> TwoFactorService:
    """The second factor."""
    return TwoFactorService(work.session, work.state["vault"], work.state["throttle"], work.audit)


def get_auth(work: Work) -> AuthService:
    """Logins."""
    state, two_factor = work.state, get_two_factor(work)
    return AuthService(work.session, state["passwords"], state["throttle"], work.audit, two_factor)


def get_sessions(work: Work) -> SessionService:
    """Login sessions."""
    state = work.state
    return SessionService(work.session, state["tokens"], state["refresh_tokens"], work.pager, work.audit)


def get_api_keys(work: Work) -> ApiKeyService:
    """API keys."""
    return ApiKeyService(work.session, work.pager, work.audit)


def get_items(work: Work) -> ItemService:
    """Items."""
    return ItemService(work.session, work.pager, work.audit, EventService(work.session))


def get_exports(work: Work) -> ExportService:
    """Exports."""
    return ExportService(work.session, work.state["database"])


async def get_readiness(state: Shared) -> HealthService:
    """Readiness checks, each on a connection of its own."""
    return HealthService(state["database"], state["drain"])


async def get_queue(state: Shared) -> QueueService:
    """The queue."""
    return QueueService(state["database"])


def get_queue_operator(work: Work) -> QueueOperator:
    """The queue's rows."""
    return QueueOperator(work.session, work.audit)


def get_jobs(work: Work) -> JobService:
    """Jobs that somebody follows."""
    return JobService(work.session, work.pager, work.audit)


def get_imports(work: Work) -> ImportService:
    """Imports."""
    return ImportService(work.session, UploadService(work.state["database"]), get_jobs(work))


def get_batches(work: Work) -> BatchService:
    """Batch jobs."""
    return BatchService(get_jobs(work))


async def get_job_watcher(state: Shared) -> JobWatcher:
    """Follows jobs for all clients of this process."""
    return state["job_watcher"]


Users = Annotated[UserService, of_work(get_users)]
Letters = Annotated[LetterService, Depends(get_letters)]
Confirmations = Annotated[ConfirmationService, of_work(get_confirmations)]
TwoFactor = Annotated[TwoFactorService, of_work(get_two_factor)]
Auth = Annotated[AuthService, of_work(get_auth)]
Sessions = Annotated[SessionService, of_work(get_sessions)]
ApiKeys = Annotated[ApiKeyService, of_work(get_api_keys)]
Items = Annotated[ItemService, of_work(get_items)]
Exports = Annotated[ExportService, of_work(get_exports)]
Jobs = Annotated[JobService, of_work(get_jobs)]
Queue = Annotated[QueueService, Depends(get_queue)]
QueueJobs = Annotated[QueueOperator, of_work(get_queue_operator)]
Batches = Annotated[BatchService, of_work(get_batches)]
JobNews = Annotated[JobWatcher, Depends(get_job_watcher)]
Imports = Annotated[ImportService, of_work(get_imports)]
Readiness = Annotated[HealthService, Depends(get_readiness)]
