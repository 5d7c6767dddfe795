"""Long answers, sent while they are made."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi.sse import KEEPALIVE_COMMENT
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

QUIET = 15.0  # seconds


class PatientStream(StreamingResponse):
    """An answer that a client must keep reading: one that stops for too long is cut off, unfinished."""

    def __init__(
        self, content: AsyncGenerator[bytes], patience: float, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(content, headers=headers, media_type=media_type)
        self.content = content
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self.patience):
                await send(message)

        async with aclosing(self.content):
            await super().__call__(scope, receive, send_in_time)


class Download(PatientStream):
    """A file."""

    def __init__(self, content: AsyncGenerator[bytes], name: str, media_type: str, patience: float) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(content, patience, headers, media_type)


class EventStream(PatientStream):
    """Server-sent events, with a sign of life where there is no news, so that proxies keep it open."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes], patience: float) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_with_signs_of_life(events), patience, headers, self.media_type)


async def _with_signs_of_life(events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    following: asyncio.Task[bytes] | None = None
    try:
        while True:
            following = following or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait([following], timeout=QUIET)
            if not done:
                yield KEEPALIVE_COMMENT
                continue
            event, following = following, None
            try:
                yield event.result()
            except StopAsyncIteration:
                return
    finally:
        if following is not None:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await events.aclose()
