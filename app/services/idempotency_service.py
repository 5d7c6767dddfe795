"""The same request twice has one effect: the first answer is kept, and given again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app.core.database import Session
from app.core.errors import Conflict, Invalid
from app.core.vault import Vault
from app.models import IdempotencyKey

LIFETIME = timedelta(hours=24)
SWEEP = 100  # expired answers that each new one takes away


class RequestInProgress(Conflict):
    """The first request with this Idempotency-Key is not finished; Retry-After says when to ask again."""

    headers = MappingProxyType({"Retry-After": "1"})


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used for another request, or the answer to it can no longer be read."""


def digest(*parts: str | bytes) -> bytes:
    """A hash of all the parts, each with its length, so that none can run into the next."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in encoded)).digest()


@dataclass(frozen=True)
class IdempotencyService:
    """Claims keys, and keeps answers in the transaction of what they tell of."""

    session: Session
    vault: Vault

    async def claim(self, scope: bytes) -> bytes | None:
        """What was kept under the key, sealed; if nothing was, the key is ours until the transaction ends.

        Raises:
            RequestInProgress: another request has claimed the key.
        """
        # A lock of the transaction goes with it, however it ends: nothing is left to clean up after a crash.
        number = int.from_bytes(scope[:8], signed=True)
        claimed = await self.session.scalar(select(func.pg_try_advisory_xact_lock(number)))
        # A statement of its own, as it must see what was committed before the lock was ours.
        query = select(IdempotencyKey.sealed).where(IdempotencyKey.scope_hash == scope)
        sealed = await self.session.scalar(query.where(IdempotencyKey.expires_at > func.now()))
        if sealed is None and not claimed:
            raise RequestInProgress("The first request with this key is still running.")
        return sealed

    async def keep(self, scope: bytes, fingerprint: bytes, owner: UUID | None, answer: str) -> None:
        """Remember an answer for as long as its owner exists, at most a day.

        Raises:
            RequestInProgress: another request was faster, since a commit ended our claim.
        """
        await self.sweep()
        stale = delete(IdempotencyKey).where(IdempotencyKey.scope_hash == scope)
        await self.session.execute(stale.where(IdempotencyKey.expires_at <= func.now()))
        secret = json.dumps(
            [fingerprint.hex(), answer]
        )  # sealed, as a plain hash would help to guess passwords
        row = IdempotencyKey(
            user_id=owner,
            scope_hash=scope,
            sealed=self.vault.seal(secret, scope.hex()),
            expires_at=datetime.now(UTC) + LIFETIME,
        )
        self.session.add(row)
        try:
            await self.session.flush()  # the unique constraint decides
        except IntegrityError as error:
            raise RequestInProgress("Another request with this key has just finished.") from error

    async def sweep(self, limit: int = SWEEP) -> None:
        """Delete expired answers."""
        some = select(IdempotencyKey.id).where(IdempotencyKey.expires_at <= func.now()).limit(limit)
        some = some.with_for_update(skip_locked=True)  # two that sweep at once do not wait for each other
        await self.session.execute(delete(IdempotencyKey).where(IdempotencyKey.id.in_(some)))

    def open(self, sealed: bytes, scope: bytes, fingerprint: bytes) -> str:
        """The answer that the same request had.

        Raises:
            IdempotencyKeyReused: the key was used for something else.
        """
        secret = self.vault.open(sealed, scope.hex())
        known, answer = json.loads(secret) if secret else (None, "")
        if known != fingerprint.hex():
            raise IdempotencyKeyReused("This key was used for another request. Choose a new one.")
        return str(answer)
