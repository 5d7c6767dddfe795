"""The services, built around the work of the request."""

from typing import Annotated

from fastapi import BackgroundTasks, Depends

from app.dependencies.resources import Shared, ThisWork
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


async def get_audit(work: ThisWork) -> AuditService:
    """The audit trail."""
    return work.audit


Audit = Annotated[AuditService, Depends(get_audit)]


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


async def get_confirmations(work: ThisWork) -> ConfirmationService:
    """Tokens from mails."""
    return ConfirmationService(work.session)


async def get_users(work: ThisWork) -> UserService:
    """Accounts."""
    state = work.state
    return UserService(work.session, state["passwords"], state["throttle"], work.pager, work.audit)


async def get_two_factor(work: ThisWork) -> TwoFactorService:
    """The second factor."""
    return TwoFactorService(work.session, work.state["vault"], work.state["throttle"], work.audit)


async def get_auth(work: ThisWork) -> AuthService:
    """Logins."""
    state, two_factor = work.state, await get_two_factor(work)
    return AuthService(work.session, state["passwords"], state["throttle"], work.audit, two_factor)


async def get_sessions(work: ThisWork) -> SessionService:
    """Login sessions."""
    state = work.state
    return SessionService(work.session, state["tokens"], state["refresh_tokens"], work.pager, work.audit)


async def get_api_keys(work: ThisWork) -> ApiKeyService:
    """API keys."""
    return ApiKeyService(work.session, work.pager, work.audit)


async def get_items(work: ThisWork) -> ItemService:
    """Items."""
    return ItemService(work.session, work.pager, work.audit, EventService(work.session))


async def get_exports(work: ThisWork) -> ExportService:
    """Exports."""
    return ExportService(work.session, work.state["database"])


async def get_readiness(state: Shared) -> HealthService:
    """Readiness checks, each on a connection of its own."""
    return HealthService(state["database"], state["drain"])


async def get_queue(state: Shared) -> QueueService:
    """The queue."""
    return QueueService(state["database"])


async def get_queue_operator(work: ThisWork) -> QueueOperator:
    """The queue's rows."""
    return QueueOperator(work.session, work.audit)


async def get_jobs(work: ThisWork) -> JobService:
    """Jobs that somebody follows."""
    return JobService(work.session, work.pager, work.audit)


async def get_imports(work: ThisWork) -> ImportService:
    """Imports."""
    return ImportService(work.session, UploadService(work.state["database"]), await get_jobs(work))


async def get_batches(work: ThisWork) -> BatchService:
    """Batch jobs."""
    return BatchService(await get_jobs(work))


async def get_job_watcher(state: Shared) -> JobWatcher:
    """Follows jobs for all clients of this process."""
    return state["job_watcher"]


Users = Annotated[UserService, Depends(get_users)]
Letters = Annotated[LetterService, Depends(get_letters)]
Confirmations = Annotated[ConfirmationService, Depends(get_confirmations)]
TwoFactor = Annotated[TwoFactorService, Depends(get_two_factor)]
Auth = Annotated[AuthService, Depends(get_auth)]
Sessions = Annotated[SessionService, Depends(get_sessions)]
ApiKeys = Annotated[ApiKeyService, Depends(get_api_keys)]
Items = Annotated[ItemService, Depends(get_items)]
Exports = Annotated[ExportService, Depends(get_exports)]
Jobs = Annotated[JobService, Depends(get_jobs)]
Queue = Annotated[QueueService, Depends(get_queue)]
QueueJobs = Annotated[QueueOperator, Depends(get_queue_operator)]
Batches = Annotated[BatchService, Depends(get_batches)]
JobNews = Annotated[JobWatcher, Depends(get_job_watcher)]
Imports = Annotated[ImportService, Depends(get_imports)]
Readiness = Annotated[HealthService, Depends(get_readiness)]
