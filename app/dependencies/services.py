"""The services, built around the session of the request."""

from typing import Annotated

from fastapi import BackgroundTasks, Depends

from app.dependencies.resources import Client, Session, Shared
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
from app.services.paging import Pager
from app.services.queue_service import QueueOperator, QueueService
from app.services.session_service import SessionService
from app.services.two_factor_service import TwoFactorService
from app.services.upload_service import UploadService
from app.services.user_service import UserService


async def get_pager(state: Shared, session: Session) -> Pager:
    """Pages of lists."""
    return Pager(session, state["cursors"])


Pages = Annotated[Pager, Depends(get_pager)]


async def get_audit(session: Session, pager: Pages, client: Client) -> AuditService:
    """The audit trail."""
    return AuditService(session, pager, client.address)


Audit = Annotated[AuditService, Depends(get_audit)]


async def get_letters(
    state: Shared, session: Session, audit: Audit, client: Client, background: BackgroundTasks
) -> LetterService:
    """Mails to account holders."""
    return LetterService(
        session=session,
        mails=Mails(state["settings"].mail.links),
        mailer=state["mailer"],
        vault=state["vault"],
        throttle=state["throttle"],
        audit=audit,
        client_address=client.address,
        later=background.add_task,
    )


async def get_confirmations(session: Session) -> ConfirmationService:
    """Tokens from mails."""
    return ConfirmationService(session)


async def get_users(state: Shared, session: Session, pager: Pages, audit: Audit) -> UserService:
    """Accounts."""
    return UserService(session, state["passwords"], state["throttle"], pager, audit)


async def get_two_factor(state: Shared, session: Session, audit: Audit) -> TwoFactorService:
    """The second factor."""
    return TwoFactorService(session, state["vault"], state["throttle"], audit)


async def get_auth(state: Shared, session: Session, audit: Audit) -> AuthService:
    """Logins."""
    two_factor = await get_two_factor(state, session, audit)
    return AuthService(session, state["passwords"], state["tokens"], state["throttle"], audit, two_factor)


async def get_sessions(state: Shared, session: Session, pager: Pages, audit: Audit) -> SessionService:
    """Login sessions."""
    return SessionService(session, state["tokens"], state["refresh_tokens"], pager, audit)


async def get_api_keys(session: Session, pager: Pages, audit: Audit) -> ApiKeyService:
    """API keys."""
    return ApiKeyService(session, pager, audit)


async def get_items(session: Session, pager: Pages, audit: Audit) -> ItemService:
    """Items."""
    return ItemService(session, pager, audit, EventService(session))


async def get_exports(state: Shared, session: Session) -> ExportService:
    """Exports."""
    return ExportService(session, state["database"])


async def get_readiness(state: Shared) -> HealthService:
    """Readiness checks, each on a connection of its own."""
    return HealthService(state["database"], state["drain"])


async def get_queue(state: Shared) -> QueueService:
    """The queue."""
    return QueueService(state["database"])


async def get_queue_operator(session: Session, audit: Audit) -> QueueOperator:
    """The queue's rows."""
    return QueueOperator(session, audit)


async def get_jobs(session: Session, pager: Pages, audit: Audit) -> JobService:
    """Jobs that somebody follows."""
    return JobService(session, pager, audit)


Jobs = Annotated[JobService, Depends(get_jobs)]


async def get_imports(state: Shared, session: Session, jobs: Jobs) -> ImportService:
    """Imports."""
    return ImportService(session, UploadService(state["database"]), jobs)


async def get_batches(jobs: Jobs) -> BatchService:
    """Batch jobs."""
    return BatchService(jobs)


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
Queue = Annotated[QueueService, Depends(get_queue)]
QueueJobs = Annotated[QueueOperator, Depends(get_queue_operator)]
Batches = Annotated[BatchService, Depends(get_batches)]
JobNews = Annotated[JobWatcher, Depends(get_job_watcher)]
Imports = Annotated[ImportService, Depends(get_imports)]
Readiness = Annotated[HealthService, Depends(get_readiness)]
