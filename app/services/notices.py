"""What the owner of an account is told at once, in case it was not them (ASVS 6.3.7)."""

from enum import StrEnum

from app.core.database import Session
from app.core.queue import Task, enqueue
from app.models import User

SEND_NOTICE = Task("mail.notice", queue="mail")


class Notice(StrEnum):
    """What has changed."""

    PASSWORD = "password"  # noqa: S105 - the name of a notice
    EMAIL = "email"
    TWO_FACTOR_ON = "two_factor_on"
    TWO_FACTOR_OFF = "two_factor_off"
    RECOVERY_CODES = "recovery_codes"


async def notify(session: Session, user: User, notice: Notice, concealed: str | None = None) -> None:
    """Order a mail with the change it tells of: to the address of the account, or to a concealed one."""
    await enqueue(session, SEND_NOTICE, user_id=user.id, notice=notice.value, address=concealed)
