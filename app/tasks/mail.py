"""Mails: written in a transaction, sent outside of it, sent again until the server takes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from uuid import UUID

from app.core.mail import insist_on
from app.services.audit_service import AuditService
from app.services.delivery_outcome import SEND_DISABLED
from app.services.letter_service import (
    ADDRESS,
    SEND_EMAIL_CHANGE,
    SEND_PASSWORD_RESET,
    SEND_VERIFICATION,
)
from app.services.mail_writer import MailWriter
from app.services.mails import Mails
from app.services.notices import SEND_NOTICE, Notice
from app.services.paging import Pager
from app.tasks.registry import Tasks, Work

tasks = Tasks()


@tasks.on(SEND_VERIFICATION)
async def send_verification(work: Work, user_id: UUID) -> None:
    """Ask somebody to confirm their address."""
    async with writing(work) as writer:
        mail = await writer.verification(user_id)
    await send(work, mail)


@tasks.on(SEND_EMAIL_CHANGE)
async def send_email_change(work: Work, user_id: UUID, address: str) -> None:
    """Ask the owner of a new address to confirm it."""
    async with writing(work) as writer:
        mail = await writer.email_change(user_id, address)
    await send(work, mail)


@tasks.on(SEND_PASSWORD_RESET)
async def send_password_reset(work: Work, address: str, client: str) -> None:
    """Offer a new password to whoever has the address, if anybody has."""
    async with writing(work, client) as writer:
        mail = await writer.password_reset(address)
    await send(work, mail)


@tasks.on(SEND_NOTICE)
async def send_notice(work: Work, user_id: UUID, notice: Notice, address: str | None) -> None:
    """Tell somebody what has changed about their account."""
    async with writing(work) as writer:
        mail = await writer.notice(user_id, notice, address)
    await send(work, mail)


@tasks.on(SEND_DISABLED)
async def send_webhook_disabled(work: Work, webhook_id: UUID, reason: str) -> None:
    """Tell somebody that their webhook was switched off."""
    async with writing(work) as writer:
        mail = await writer.webhook_disabled(webhook_id, reason)
    await send(work, mail)


@asynccontextmanager
async def writing(work: Work, client: str | None = None) -> AsyncIterator[MailWriter]:
    """A writer in a transaction, for the client who asked."""
    resources = work.resources
    vault, links = resources.vault, resources.settings.mail.links
    address = vault.reveal(client, ADDRESS) if client else None
    async with work.transaction() as session:
        audit = AuditService(session, Pager(session, resources.cursors), address)
        yield MailWriter(session, Mails(links), vault, audit)


async def send(work: Work, mail: EmailMessage | None) -> None:
    """Send a mail, if there is one."""
    if mail is not None:
        await insist_on(work.resources.mailer, mail)
