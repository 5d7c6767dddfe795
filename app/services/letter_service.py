"""Mails to account holders. All but the welcome are jobs, written with the change that they tell of.

A job names an account, and hides an address: tokens are made when the mail is written, by the worker.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.core.database import Session
from app.core.mail import BestEffortMailer
from app.core.opaque_tokens import fingerprint
from app.core.queue import Task, enqueue
from app.core.text import parse_email
from app.core.throttle import Policy, Throttle
from app.core.vault import Vault
from app.models import Action, Purpose, User
from app.services.audit_service import AuditService
from app.services.confirmation_service import ConfirmationService
from app.services.mails import Mails
from app.services.notices import Notice, notify

# So that nobody's mailbox is flooded, and nobody floods many.
MAILS_TO_ACCOUNT = Policy.of("mail", "5 per hour")
MAILS_FROM_CLIENT = Policy.of("mail-client", "50 per hour")
SEND_VERIFICATION = Task("mail.verification", queue="mail")
SEND_EMAIL_CHANGE = Task("mail.email_change", queue="mail")
SEND_PASSWORD_RESET = Task("mail.password_reset", queue="mail")
ADDRESS = "mail-address"  # what concealed addresses are for


@dataclass(frozen=True)
class LetterService:
    """Orders mails with the caller's session; ``later`` calls a function after the response."""

    session: Session
    mails: Mails
    mailer: BestEffortMailer
    vault: Vault
    throttle: Throttle
    audit: AuditService
    client_address: str
    later: Callable[..., None]

    async def welcome(self, user: User) -> None:
        """Greet somebody who has registered: soon or never, as they can ask for another verification."""
        token = await ConfirmationService(self.session).issue(user, Purpose.VERIFY_EMAIL)
        self.later(self.mailer.send, self.mails.welcome(user, token))

    async def verify(self, user: User) -> None:
        """Ask somebody to confirm their address.

        Raises:
            TooManyRequests: too many mails for this account, or from this client.
        """
        await self._spend(user.email)
        self.audit.record(Action.VERIFICATION_REQUESTED, actor=user.id, target=user.id)
        await enqueue(self.session, SEND_VERIFICATION, user_id=user.id)

    async def change_email(self, user: User, address: str) -> None:
        """Ask the owner of a new address to confirm it.

        Raises:
            TooManyRequests: too many mails to this address, or from this client.
        """
        await self._spend(address)
        self.audit.record(Action.EMAIL_CHANGE_REQUESTED, actor=user.id, target=user.id)
        concealed = self.vault.conceal(address, ADDRESS)
        await enqueue(self.session, SEND_EMAIL_CHANGE, user_id=user.id, address=concealed)

    async def reset_password(self, email: str) -> None:
        """Offer a new password; the worker looks up whose, so that no answer tells who has an account.

        Raises:
            TooManyRequests: too many mails for this account, whether it exists or not, or from this client.
        """
        await self._spend(email)
        address, client = (self.vault.conceal(each, ADDRESS) for each in (email, self.client_address))
        await enqueue(self.session, SEND_PASSWORD_RESET, address=address, client=client)

    async def moved(self, user: User, former: str | None) -> None:
        """Tell whoever reads the former address, if there is one, that the account has another."""
        if former is not None:
            await notify(self.session, user, Notice.EMAIL, self.vault.conceal(former, ADDRESS))

    async def _spend(self, email: str) -> None:
        await self.throttle.spend(MAILS_FROM_CLIENT, self.client_address)
        await self.throttle.spend(MAILS_TO_ACCOUNT, fingerprint(parse_email(email)[1]).hex())
