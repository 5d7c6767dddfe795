"""The mails we write."""

from email.message import EmailMessage

from app.models import User


def welcome(user: User) -> EmailMessage:
    """Greets somebody who has just registered."""
    mail = EmailMessage()
    mail["To"] = user.email
    mail["Subject"] = "Welcome to Shipworthy"
    mail.set_content(f"Hello {user.name},\n\nyour account is ready. Log in with this address.\n")
    return mail
