"""Writes the mails that jobs send: with the account as it is now, and a token made for this mail alone."""

from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

from sqlalchemy import select

from app.core.database import Session
from app.core.vault import Vault
from app.core.webhooks.targets import Target
from app.models import Action, Purpose, User, Webhook
from app.services.audit_service import AuditService
from app.services.confirmation_service import ConfirmationService
from app.services.letter_service import ADDRESS
from app.services.mails import Mails
from app.services.notices import Notice


@dataclass(frozen=True)
class MailWriter:
    """Each method writes one mail, or none when there is nobody to write to any more."""

    session: Session
    mails: Mails
    vault: Vault
    audit: AuditService

    async def verification(self, user_id: UUID) -> EmailMessage | None:
        """Asks somebody to confirm their address."""
        if (user := await self._active(user_id)) is None:
            return None
        token = await ConfirmationService(self.session).issue(user, Purpose.VERIFY_EMAIL)
        return self.mails.verification(user, token)

    async def email_change(self, user_id: UUID, concealed: str) -> EmailMessage | None:
        """Asks the owner of a new address to confirm it."""
        user, address = await self._active(user_id), self.vault.reveal(concealed, ADDRESS)
        if user is None or address is None:
            return None
        token = await ConfirmationService(self.session).issue(user, Purpose.CHANGE_EMAIL, address)
        return self.mails.email_change(user, token, address)

    async def password_reset(self, concealed: str) -> EmailMessage | None:
        """Offers a new password to whoever has this address, if anybody has."""
        if (address := self.vault.reveal(concealed, ADDRESS)) is None:
            return None
        found = await ConfirmationService(self.session).request_reset(address)
        target = found[0].id if found else None
        self.audit.record(Action.RESET_REQUESTED, actor=None, target=target)
        return self.mails.password_reset(*found) if found else None

    async def notice(self, user_id: UUID, notice: Notice, concealed: str | None) -> EmailMessage | None:
        """Tells somebody what has changed about their account."""
        if (user := await self.session.get(User, user_id)) is None:
            return None
        address = self.vault.reveal(concealed, ADDRESS) if concealed else user.email
        return self.mails.notice(user, notice, address) if address else None

    async def webhook_disabled(self, webhook_id: UUID, reason: str) -> EmailMessage | None:
        """Tells somebody that their webhook is no longer called; not its URL, which may have a secret."""
        query = select(User, Webhook.url).join(Webhook, Webhook.user_id == User.id)
        found = (
            await self.session.execute(query.where(Webhook.id == webhook_id, User.is_active))
        ).one_or_none()
        return found and self.mails.webhook_disabled(found[0], Target.parse(found[1]).netloc, reason)

    async def _active(self, user_id: UUID) -> User | None:
        return await self.session.scalar(select(User).where(User.id == user_id, User.is_active))
