"""The second factor: switched on and off by the owner of an account, and asked for when logging in."""

import base64
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Session
from app.core.errors import Conflict, Fault, RuleBroken
from app.core.opaque_tokens import fingerprint
from app.core.throttle import Policy, Throttle
from app.core.totp import enrolment_uri, make_secret, matching_step
from app.core.vault import Vault
from app.models import Action, RecoveryCode, TwoFactorSecret, User
from app.schemas.two_factor import EnrolmentResponse
from app.services.audit_service import AuditService

RECOVERY_CODES = 10
RECOVERY_CODE_BYTES = 15  # more than 112 bits, so that a plain hash will do (ASVS 6.5.2)
SIX_DIGITS = re.compile("[0-9]{6}")
# From all addresses together, as a million codes are soon tried. Only who knows the password can use it up.
CODES = Policy.of("second-factor", "20 per hour")
WRONG_CODE = Fault("/code", "wrong", "This is not the code of the moment, nor an unused recovery code")


class TwoFactorOn(Conflict):
    """Two-factor authentication is on already; switch it off to enrol another app."""


class TwoFactorOff(Conflict):
    """Two-factor authentication is not on, or there is no enrolment to confirm."""


class OwnSecondFactor(Conflict):
    """Your own second factor takes a code; who has lost everything is helped by another administrator."""


class WrongCode(RuleBroken):
    """The code is not the one of the moment, was used before, or is no recovery code of yours."""

    keeps_writes = True


@dataclass(frozen=True)
class TwoFactorService:
    """Enrols authenticator apps and checks their codes."""

    session: Session
    vault: Vault
    throttle: Throttle
    audit: AuditService

    async def start(self, user: User) -> EnrolmentResponse:
        """Make a secret for the user's app; it changes nothing until it is confirmed.

        Raises:
            TwoFactorOn: there is a confirmed one.
        """
        if await self._is_on(user):
            raise TwoFactorOn("Two-factor authentication is on already.")
        secret = make_secret()
        values = {"sealed": self.vault.seal(secret, str(user.id)), "last_step": 0}
        added = insert(TwoFactorSecret).values(user_id=user.id, **values)
        await self.session.execute(added.on_conflict_do_update(index_elements=["user_id"], set_=values))
        self.audit.record(Action.TWO_FACTOR_STARTED, actor=user.id, target=user.id)
        return EnrolmentResponse(secret=secret, uri=enrolment_uri(secret, user.email))

    async def confirm(self, user: User, code: str) -> list[str]:
        """Switch it on, as the app knows the secret; the recovery codes.

        Raises:
            TwoFactorOn: it is on already.
            TwoFactorOff: nothing was started.
            WrongCode: the app and we disagree.
            TooManyRequests: too many wrong codes.
        """
        if await self._is_on(user):
            raise TwoFactorOn("Two-factor authentication is on already.")
        if await self._sealed(user.id) is None:
            raise TwoFactorOff("Start the enrolment first.")
        await self._prove(user, code)
        user.two_factor = True
        self.audit.record(Action.TWO_FACTOR_ENABLED, actor=user.id, target=user.id)
        return await self._issue_recovery_codes(user)

    async def disable(self, user: User, code: str) -> None:
        """Switch it off, and forget the secret and the recovery codes.

        Raises:
            TwoFactorOff: it is not on.
            WrongCode: the code does not prove anything.
            TooManyRequests: too many wrong codes.
        """
        await self._prove_on(user, code)
        await self._forget(user, actor=user)

    async def reset(self, admin: User, user: User) -> None:
        """Switch it off for somebody who has lost their app and their recovery codes.

        Raises:
            OwnSecondFactor: it is the administrator's own; a stolen session must not be enough.
            TwoFactorOff: it is not on.
        """
        if admin.id == user.id:
            raise OwnSecondFactor("Switch off your own second factor with a code.")
        if not await self._is_on(user):
            raise TwoFactorOff("Two-factor authentication is not on.")
        await self._forget(user, actor=admin)

    async def renew_recovery_codes(self, user: User, code: str) -> list[str]:
        """New recovery codes; the old ones die.

        Raises:
            TwoFactorOff: it is not on.
            WrongCode: the code does not prove anything.
            TooManyRequests: too many wrong codes.
        """
        await self._prove_on(user, code)
        self.audit.record(Action.RECOVERY_CODES_RENEWED, actor=user.id, target=user.id)
        return await self._issue_recovery_codes(user)

    async def accept(self, user_id: UUID, code: str) -> bool:
        """Whether this is the code of the moment or a recovery code of the user's; it is used up.

        Raises:
            TooManyRequests: too many wrong codes. Counted before the look, so that no burst slips past.
        """
        await self.throttle.spend(CODES, str(user_id))
        plain = _plain(code)
        use = self._use_step if SIX_DIGITS.fullmatch(plain) else self._use_recovery_code
        if accepted := await use(user_id, plain):
            await self.throttle.forget(CODES, str(user_id))
        return accepted

    async def _use_step(self, user_id: UUID, code: str) -> bool:
        """No code is accepted twice (RFC 6238, section 5.2); of two requests at once, one gets it."""
        sealed = await self._sealed(user_id)
        secret = self.vault.open(sealed, str(user_id)) if sealed else None
        step = matching_step(secret, code) if secret else None
        if step is None:
            return False
        unused = update(TwoFactorSecret).where(
            TwoFactorSecret.user_id == user_id, TwoFactorSecret.last_step < step
        )
        used = unused.values(last_step=step).returning(TwoFactorSecret.id)
        return await self.session.scalar(used) is not None

    async def _use_recovery_code(self, user_id: UUID, code: str) -> bool:
        own = delete(RecoveryCode).where(RecoveryCode.user_id == user_id)
        used = own.where(RecoveryCode.code_hash == fingerprint(code)).returning(RecoveryCode.id)
        if await self.session.scalar(used) is None:
            return False
        self.audit.record(Action.RECOVERY_CODE_USED, actor=user_id, target=user_id)
        return True

    async def _prove(self, user: User, code: str) -> None:
        if not await self.accept(user.id, code):
            self.audit.record(Action.PROOF_FAILED, actor=user.id, target=user.id)
            raise WrongCode("The code is wrong, or was used before.", WRONG_CODE)

    async def _prove_on(self, user: User, code: str) -> None:
        if not await self._is_on(user):
            raise TwoFactorOff("Two-factor authentication is not on.")
        await self._prove(user, code)

    async def _forget(self, user: User, *, actor: User) -> None:
        user.two_factor = False
        for table in (TwoFactorSecret, RecoveryCode):
            await self.session.execute(delete(table).where(table.user_id == user.id))
        self.audit.record(Action.TWO_FACTOR_DISABLED, actor=actor.id, target=user.id)

    async def _is_on(self, user: User) -> bool:
        """As it stands now; requests that change it take turns."""
        await self.session.refresh(user, with_for_update=True)
        return user.two_factor

    async def _sealed(self, user_id: UUID) -> bytes | None:
        query = select(TwoFactorSecret.sealed).where(TwoFactorSecret.user_id == user_id)
        return await self.session.scalar(query)

    async def _issue_recovery_codes(self, user: User) -> list[str]:
        await self.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        codes = [_make_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = [fingerprint(_plain(code)) for code in codes]
        self.session.add_all(RecoveryCode(user_id=user.id, code_hash=each) for each in hashes)
        return codes


def _make_recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_CODE_BYTES)).decode().lower()
    return "-".join(re.findall(".{6}", letters))


def _plain(code: str) -> str:
    """As people type it: in groups or not, in any case."""
    return re.sub(r"[\s-]", "", code).lower()
