"""Mails to account holders: sent after the response, lost if that fails; each can be asked for again."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.core.database import Database, Session
from app.core.mail import BestEffortMailer
from app.core.opaque_tokens import fingerprint
from app.core.text import parse_email
from app.core.throttle import Policy, Throttle
from app.models import Action, Purpose, User
from app.services.audit_service import AuditService
from app.services.confirmation_service import ConfirmationService
from app.services.mails import Mails

# So that nobody's mailbox is flooded, and nobody floods many.
MAILS_TO_ACCOUNT = Policy.of("mail", "5 per hour")
MAILS_FROM_CLIENT = Policy.of("mail-client", "50 per hour")


@dataclass(frozen=True)
class LetterService:
    """Writes mails with the caller's session; ``later`` calls a function after the response."""

    session: Session
    database: Database
    mails: Mails
    mailer: BestEffortMailer
    throttle: Throttle
    audit: AuditService
    client_address: str
    later: Callable[..., None]

    async def welcome(self, user: User) -> None:
        """Greet somebody who has registered."""
        token = await ConfirmationService(self.session).issue(user, Purpose.VERIFY_EMAIL)
        self.later(self.mailer.send, self.mails.welcome(user, token))

    async def verify(self, user: User) -> None:
        """Ask somebody to confirm their address.

        Raises:
            TooManyRequests: too many mails for this account, or from this client.
        """
        await self._spend(user.email)
        token = await ConfirmationService(self.session).issue(user, Purpose.VERIFY_EMAIL)
        self.audit.record(Action.VERIFICATION_REQUESTED, actor=user.id, target=user.id)
        self.later(self.mailer.send, self.mails.verification(user, token))

    async def change_email(self, user: User, address: str) -> None:
        """Ask the owner of a new address to confirm it.

        Raises:
            TooManyRequests: too many mails to this address, or from this client.
        """
        await self._spend(address)
        token = await ConfirmationService(self.session).issue(user, Purpose.CHANGE_EMAIL, address)
        self.audit.record(Action.EMAIL_CHANGE_REQUESTED, actor=user.id, target=user.id)
        self.later(self.mailer.send, self.mails.email_change(user, token, address))

    async def reset_password(self, email: str) -> None:
        """Offer a new password; all after the response, which so tells nobody who has an account.

        Raises:
            TooManyRequests: too many mails for this account, whether it exists or not, or from this client.
        """
        await self._spend(email)
        self.later(self._mail_reset, email)

    async def _spend(self, email: str) -> None:
        await self.throttle.spend(MAILS_FROM_CLIENT, self.client_address)
        await self.throttle.spend(MAILS_TO_ACCOUNT, fingerprint(parse_email(email)[1]).hex())

    async def _mail_reset(self, email: str) -> None:
        async with self.database.transaction() as session:
            found = await ConfirmationService(session).request_reset(email)
            target = found[0].id if found else None
            replace(self.audit, session=session).record(Action.RESET_REQUESTED, actor=None, target=target)
        if found is not None:
            user, token = found
            await self.mailer.send(self.mails.password_reset(user, token))
