"""The services, built around the work of the request."""

from typing import Annotated

from fastapi import BackgroundTasks, Depends

from app.dependencies.resources import Shared, ThisWork
from app.services.api_key_service import ApiKeyService
from app.services.audit_service import AuditService
from app.services.auth_service import AuthService
from app.services.confirmation_service import ConfirmationService
from app.services.export_service import ExportService
from app.services.health_service import HealthService
from app.services.item_service import ItemService
from app.services.letter_service import LetterService
from app.services.mails import Mails
from app.services.session_service import SessionService
from app.services.two_factor_service import TwoFactorService
from app.services.user_service import UserService


async def get_audit(work: ThisWork) -> AuditService:
    """The audit trail."""
    return work.audit


Audit = Annotated[AuditService, Depends(get_audit)]


async def get_letters(work: ThisWork, background: BackgroundTasks) -> LetterService:
    """Mails to account holders, sent after the response."""
    return LetterService(
        session=work.session,
        database=work.state["database"],
        mails=Mails(work.state["settings"].mail.links),
        mailer=work.state["mailer"],
        throttle=work.state["throttle"],
        audit=work.audit,
        client_address=work.client.address,
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
    return ItemService(work.session, work.pager, work.audit)


async def get_exports(work: ThisWork) -> ExportService:
    """Exports."""
    return ExportService(work.session, work.state["database"])


async def get_readiness(state: Shared) -> HealthService:
    """Readiness checks, each on a connection of its own."""
    return HealthService(state["database"], state["drain"])


Users = Annotated[UserService, Depends(get_users)]
Letters = Annotated[LetterService, Depends(get_letters)]
Confirmations = Annotated[ConfirmationService, Depends(get_confirmations)]
TwoFactor = Annotated[TwoFactorService, Depends(get_two_factor)]
Auth = Annotated[AuthService, Depends(get_auth)]
Sessions = Annotated[SessionService, Depends(get_sessions)]
ApiKeys = Annotated[ApiKeyService, Depends(get_api_keys)]
Items = Annotated[ItemService, Depends(get_items)]
Exports = Annotated[ExportService, Depends(get_exports)]
Readiness = Annotated[HealthService, Depends(get_readiness)]
