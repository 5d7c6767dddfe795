"""``_: Idempotent`` in a signature, after the caller: the route takes an ``Idempotency-Key``.

The answer is stored in the transaction of its effect; a refusal, whose transaction is rolled back, in one
of its own (draft-ietf-httpapi-idempotency-key-header-07).
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from starlette.responses import Response

from app.core.errors import DomainError
from app.core.problems import as_problem
from app.core.replay import Replay, dump
from app.core.routing import SAFE, Handler, Route
from app.dependencies.resources import session_of, state_of
from app.services.idempotency_service import IdempotencyService, RequestInProgress, digest

# What the same request may be answered differently the next time.
PASSING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A random name for this request, kept for 24 hours: repeating it has no second effect.",
        examples=["0198c0de-0000-7000-8000-000000000000"],
    ),
]


@dataclass(frozen=True)
class Claim:
    """A key that is this request's, and what it has sent."""

    service: IdempotencyService
    request: Request
    caller: str
    scope: bytes
    sent: "hashlib._Hash"
    is_file: bool  # which the route reads itself, as it is not held in memory

    @property
    def fingerprint(self) -> bytes:
        """What the same request has, too."""
        request = self.request
        kind = request.headers.get("content-type", "")
        return digest(kind, request.url.query, self.sent.digest())

    async def take(self) -> None:
        """Make sure that the request is the first with its key.

        Raises:
            Replay: it is not, and this is the answer.
        """
        if (sealed := await self.service.claim(self.scope)) is None:
            return
        if self.is_file:
            await self.service.session.commit()  # a file may take its time: hand the connection back
            async for part in self.request.stream():
                self.sent.update(part)
        raise Replay(self.service.open(sealed, self.scope, self.fingerprint))

    async def keep(self, response: Response) -> None:
        """Store the answer; that of a registration belongs to the new account, and goes with it."""
        made = getattr(self.request.state, "created", {})
        owner = UUID(self.caller) if self.caller else made.get("user_id")
        await self.service.keep(self.scope, self.fingerprint, owner, dump(response))

    async def keep_refusal(self, error: DomainError) -> None:
        """Store the answer after the transaction that the error ends."""
        session = self.service.session
        await (session.commit() if error.keeps_writes else session.rollback())
        await self.keep(await as_problem(self.request, error))
        await session.commit()


async def get_claim(request: Request, key: Key = None) -> None:
    """Answer a repeated request; else see to it that the answer to this one is kept."""
    if key is None:
        return
    state = state_of(request)
    claim = await _claim(request, IdempotencyService(session_of(request), state["vault"]), key)
    if not claim.caller:  # who else holds a connection while passwords are hashed: let it not be all
        await request.state.turns.enter_async_context(state["anonymous_turns"])
    await claim.take()
    request.state.claim = claim


def is_final(error: DomainError) -> bool:
    """Whether repeating the request would be refused again; not if logging in, or waiting, may help."""
    lost = isinstance(error, RequestInProgress)
    return error.status < HTTPStatus.INTERNAL_SERVER_ERROR and error.status not in PASSING and not lost


async def _claim(request: Request, service: IdempotencyService, key: str) -> Claim:
    caller = getattr(request.state, "user_id", "")
    scope = digest(caller, request.method, request.scope["path"], key)
    is_file = "requestBody" in (request.scope["route"].openapi_extra or {})
    sent = hashlib.sha256(b"" if is_file else await request.body())
    return Claim(service, request, caller, scope, sent, is_file)


async def sent_file(request: Request) -> AsyncIterator[bytes]:
    """A file as it arrives, of which the request's claim takes note."""
    claim = _claim_of(request)
    async for part in request.stream():
        if claim:
            claim.sent.update(part)
        yield part


Idempotent = Annotated[None, Depends(get_claim)]


class IdempotentRoute(Route):
    """Keeps the answer to a request that has a claim, before the transaction is committed."""

    async def answer(self, request: Request, handle: Handler) -> Response:
        """FastAPI's answer, and what becomes of the claim."""
        if request.method in SAFE:
            return await handle(request)
        async with AsyncExitStack() as request.state.turns:
            try:
                response = await handle(request)
            except DomainError as error:
                if is_final(error) and (claim := _claim_of(request)):
                    await claim.keep_refusal(error)
                raise
            if claim := _claim_of(request):
                await claim.keep(response)
            return response


def _claim_of(request: Request) -> Claim | None:
    return getattr(request.state, "claim", None)
