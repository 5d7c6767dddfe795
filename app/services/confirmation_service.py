"""What people confirm by a token from their mail: their address, a new one, a new password."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from app.core.database import Session
from app.core.errors import RuleBroken
from app.core.opaque_tokens import fingerprint, make_token
from app.core.text import parse_email
from app.models import OneTimeToken, Purpose, User
from app.services.user_service import claim_email

LIFETIMES = {
    Purpose.VERIFY_EMAIL: timedelta(hours=24),
    Purpose.CHANGE_EMAIL: timedelta(hours=24),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
}


class InvalidConfirmation(RuleBroken):
    """The token is made up, used, superseded, expired, or for something else."""


@dataclass(frozen=True)
class ConfirmationService:
    """Gives out tokens for mails, and takes them back once."""

    session: Session

    async def issue(self, user: User, purpose: Purpose, email: str | None = None) -> str:
        """A token for a mail to this address; an earlier one for the same purpose dies."""
        token = make_token()
        expires_at = datetime.now(UTC) + LIFETIMES[purpose]
        await self.session.execute(
            delete(OneTimeToken).where(OneTimeToken.user_id == user.id, OneTimeToken.purpose == purpose)
        )
        self.session.add(
            OneTimeToken(
                user_id=user.id,
                purpose=purpose,
                email=email or user.email,
                token_hash=fingerprint(token),
                expires_at=expires_at,
            )
        )
        return token

    async def confirm_email(self, token: str) -> User:
        """Mark an address as verified, or make a new one the account's; whose it is.

        Raises:
            InvalidConfirmation: the token is not good for this.
            EmailTaken: somebody else has registered the new address meanwhile.
        """
        user, email = await self.redeem(token, Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL)
        user.email, user.email_canonical = parse_email(email)
        user.email_verified = True
        await claim_email(self.session)
        return user

    async def request_reset(self, email: str) -> tuple[User, str] | None:
        """A token that lets the owner of this address choose a new password, if there is an account."""
        query = select(User).where(User.email_canonical == parse_email(email)[1], User.is_active)
        if user := await self.session.scalar(query):
            return user, await self.issue(user, Purpose.RESET_PASSWORD)
        return None

    async def redeem(self, token: str, *purposes: Purpose) -> tuple[User, str]:
        """The user and the address the token was mailed to; it is used up with this transaction.

        Raises:
            InvalidConfirmation: the token is not good for any of these.
        """
        used = (
            delete(OneTimeToken)
            .where(OneTimeToken.token_hash == fingerprint(token), OneTimeToken.purpose.in_(purposes))
            .where(OneTimeToken.expires_at > func.now())
            .returning(OneTimeToken.user_id, OneTimeToken.email, OneTimeToken.purpose)
        )
        if (row := (await self.session.execute(used)).one_or_none()) is not None:
            user = await self._active_user(row.user_id)
            if user and (row.purpose == Purpose.CHANGE_EMAIL or row.email == user.email):
                return user, row.email
        raise InvalidConfirmation("The token is not valid, or no longer. Ask for a new mail.")

    async def _active_user(self, user_id: UUID) -> User | None:
        return await self.session.scalar(select(User).where(User.id == user_id, User.is_active))
