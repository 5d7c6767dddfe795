"""Logging in."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core.database import Session
from app.core.errors import NotAuthenticated
from app.core.passwords import PasswordHasher, normalise
from app.core.text import parse_email
from app.core.throttle import Policy, Throttle
from app.models import Action, User
from app.schemas.auth import LoginForm
from app.services.audit_service import AuditService
from app.services.two_factor_service import TwoFactorService

# Per account *and* address: an attacker must not be able to lock the owner out from elsewhere.
FAILURES_OF_ACCOUNT = Policy.of("login", "10 per 15 minutes")
FAILURES_OF_ADDRESS = Policy.of("login-address", "100 per 15 minutes")


class BadCredentials(NotAuthenticated):
    """No active account has this address and password."""

    keeps_writes = True


class SecondFactorRequired(NotAuthenticated):
    """The password is right, and this account asks for a code as well: send it as `totp`."""


class BadSecondFactor(NotAuthenticated):
    """The password is right; the code is wrong or was used before."""

    keeps_writes = True


@dataclass(frozen=True)
class AuthService:
    """Checks passwords and second factors."""

    session: Session
    passwords: PasswordHasher
    throttle: Throttle
    audit: AuditService
    two_factor: TwoFactorService

    async def authenticate(self, form: LoginForm, address: str) -> UUID:
        """The user whose email and password these are, unless the client's address has failed too often.

        Raises:
            BadCredentials: unknown address, wrong password or disabled account; which one is not said.
            SecondFactorRequired: the account asks for a code as well.
            BadSecondFactor: that code is wrong.
            TooManyRequests: too many failures, for this account or in all.
        """
        canonical = _canonical(form.username)
        query = select(User.id, User.password_hash, User.two_factor)
        mine = query.where(User.email_canonical == canonical, User.is_active)
        account = (await self.session.execute(mine)).one_or_none()
        await self.session.rollback()  # hashing waits its turn: give the connection back meanwhile
        async with self.passwords.turn:  # checked and counted in turn, so that no burst slips past
            await self._check_failures(form.username, address)
            password = normalise(form.password.get_secret_value())
            known = await self.passwords.verify(password, account.password_hash if account else None)
            if account is None or not known:
                await self._count_failure(form.username, address, account.id if account else None)
                raise BadCredentials("Wrong email or password.")
            if account.two_factor:
                await self._check_second_factor(account.id, form, address)
        user_id: UUID = account.id
        return user_id

    async def _check_failures(self, username: str, address: str) -> None:
        await self.throttle.check(FAILURES_OF_ADDRESS, address)
        await self.throttle.check(FAILURES_OF_ACCOUNT, *_account_key(username, address))

    async def _check_second_factor(self, user_id: UUID, form: LoginForm, address: str) -> None:
        """Nobody gets here without the password, so that nobody else learns that there is a second factor."""
        if not form.totp:
            raise SecondFactorRequired("Send a code of your authenticator app, or a recovery code, as totp.")
        if not await self.two_factor.accept(user_id, form.totp.get_secret_value()):
            await self._count_failure(form.username, address, user_id)
            raise BadSecondFactor("The code is wrong, or was used before.")

    async def _count_failure(self, username: str, address: str, user_id: UUID | None) -> None:
        await self.throttle.count(FAILURES_OF_ADDRESS, address)
        await self.throttle.count(FAILURES_OF_ACCOUNT, *_account_key(username, address))
        self.audit.record(Action.LOGIN_FAILED, actor=None, target=user_id)


def _account_key(username: str, address: str) -> tuple[str, str]:
    """Hashed: the counters may live in Redis, where addresses of people have no business."""
    account = _canonical(username) or username
    return hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:32], address


def _canonical(email: str) -> str | None:
    try:
        return parse_email(email)[1]
    except ValueError:
        return None
