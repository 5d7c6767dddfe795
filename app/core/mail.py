"""Mail transports. Without an SMTP host mails are written to the console, in development alone."""

import logging
import sys
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from typing import Protocol

import aiosmtplib

from app.core.config import Settings
from app.core.setting_groups import MailSettings

logger = logging.getLogger("app.mail")
TIMEOUT_SECONDS = 10
PERMANENT = 500  # replies from here on will not change (RFC 5321, section 4.2.1)


class Mailer(Protocol):
    """Anything that can take a mail from us."""

    async def send(self, mail: EmailMessage) -> None:
        """Hand the mail over.

        Raises:
            aiosmtplib.SMTPException: the server refused it.
            OSError: the server does not answer.
        """


class ConsoleMailer:
    """Prints mails, on standard error: every line of standard output is a log line."""

    async def send(self, mail: EmailMessage) -> None:
        """Print the mail, headers and all."""
        print(f"--- mail ---\n{mail.as_string()}--- end ---", file=sys.stderr)  # noqa: T201 - its purpose


class NoMailer:
    """Drops mails: a production log is no place for the tokens that they carry."""

    async def send(self, mail: EmailMessage) -> None:
        """Say that there was a mail."""
        logger.warning("no SMTP server is configured, mail dropped", extra={"subject": mail["Subject"]})


class SmtpMailer:
    """Hands mails to an SMTP server, one connection a mail."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, mail: EmailMessage) -> None:
        """Send the mail."""
        settings = self._settings
        await aiosmtplib.send(
            mail,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            use_tls=settings.smtp_tls == "implicit",
            start_tls=settings.smtp_tls == "starttls",
            timeout=TIMEOUT_SECONDS,
        )


class StampedMailer:
    """Adds the headers that every mail has (RFC 5322, section 3.6); without them it looks like spam."""

    def __init__(self, mailer: Mailer, sender: str) -> None:
        self._mailer = mailer
        self._sender = sender

    async def send(self, mail: EmailMessage) -> None:
        """Hand the mail over."""
        mail["From"] = self._sender
        mail["Date"] = localtime()
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        await self._mailer.send(mail)


class BestEffortMailer:
    """For mails that may be lost: a failure is logged, not raised, and nothing is tried again."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, mail: EmailMessage) -> None:
        """Try once."""
        try:
            await self._mailer.send(mail)
        except (aiosmtplib.SMTPException, OSError) as error:
            logger.warning("mail lost", extra={"error": type(error).__name__})


class MailNotSent(Exception):
    """The server refused a mail or did not answer; who was to get it is not said, as this is logged."""


async def insist_on(mailer: Mailer, mail: EmailMessage) -> None:
    """Send a mail from a job, which is tried again; an address that the server will never take is given up.

    Raises:
        MailNotSent: it may work later.
    """
    try:
        await mailer.send(mail)
    except aiosmtplib.SMTPRecipientsRefused as error:
        if any(each.code < PERMANENT for each in error.recipients):
            raise MailNotSent("recipient refused for now") from None
        logger.warning("mail refused")
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailNotSent(type(error).__name__) from None


def create_mailer(settings: Settings) -> Mailer:
    """The transport that the settings ask for."""
    return StampedMailer(_transport(settings), settings.mail.sender)


def _transport(settings: Settings) -> Mailer:
    if settings.mail.smtp_host:
        return SmtpMailer(settings.mail)
    return NoMailer() if settings.production else ConsoleMailer()
