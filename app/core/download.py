"""Long answers, sent while they are made."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send


class Download(StreamingResponse):
    """A file that a client must keep reading: one that stops for too long is cut off, visibly unfinished."""

    def __init__(self, content: AsyncGenerator[bytes], name: str, media_type: str, patience: float) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
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
