"""The mails we write, as plain text and as HTML."""

from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from app.models import User

TEMPLATES = Environment(
    loader=PackageLoader("app", "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
)

NOTICES = {
    "password": ("Your password was changed", "The password of your account was changed."),
    "email": ("Your email address was changed", "Your account has another email address now."),
    "recovery_codes": (
        "You have new recovery codes",
        "Your account has new recovery codes; the old ones died.",
    ),
    "two_factor_on": ("Two-factor authentication is on", "Your account asks for a second factor now."),
    "two_factor_off": (
        "Two-factor authentication is off",
        "Your account no longer asks for a second factor.",
    ),
}


@dataclass(frozen=True)
class Mails:
    """Writes mails. ``links`` is where the pages are that take tokens; else a mail has the token alone."""

    links: str | None

    def welcome(self, user: User, token: str) -> EmailMessage:
        """Greets somebody who has registered, and asks them to confirm their address."""
        return self._write("welcome", user.email, "Welcome to Shipworthy", user, token)

    def verification(self, user: User, token: str) -> EmailMessage:
        """Asks somebody to confirm their address."""
        return self._write("verification", user.email, "Confirm your email address", user, token)

    def email_change(self, user: User, token: str, address: str) -> EmailMessage:
        """Asks the owner of a new address to confirm that it belongs to this account."""
        return self._write("email_change", address, "Confirm your new email address", user, token)

    def password_reset(self, user: User, token: str) -> EmailMessage:
        """Lets somebody choose a new password."""
        return self._write("password_reset", user.email, "Choose a new password", user, token)

    def notice(self, user: User, kind: str, address: str) -> EmailMessage:
        """Tells the owner of an account what has changed about it."""
        subject, change = NOTICES[kind]
        return self._write("notice", address, subject, user, change=change)

    def webhook_disabled(self, user: User, host: str, reason: str) -> EmailMessage:
        """Tells somebody that a webhook of theirs is no longer called."""
        subject = "A webhook of yours was switched off"
        return self._write("webhook_disabled", user.email, subject, user, host=host, reason=reason)

    def _write(
        self, template: str, address: str, subject: str, user: User, token: str | None = None, **more: str
    ) -> EmailMessage:
        # In the fragment, which browsers do not send: no server's log and no Referer ever has the token.
        page = template.replace("_", "-")
        link = f"{self.links}/{page}#{urlencode({'token': token})}" if self.links and token else None
        values = {"name": user.name, "token": token, "link": link, "subject": subject, **more}
        mail = EmailMessage()
        mail["To"] = address
        mail["Subject"] = subject
        mail.set_content(TEMPLATES.get_template(f"{template}.txt").render(values))
        mail.add_alternative(TEMPLATES.get_template(f"{template}.html").render(values), subtype="html")
        return mail
