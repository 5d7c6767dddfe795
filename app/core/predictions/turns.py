"""A burst of predictions is let in a few at a time: whatever else the loop has to do comes in between."""

import asyncio
from collections import deque

from starlette.types import ASGIApp, Receive, Scope, Send

AT_ONCE = 4  # requests begun, or answered, in one turn of the event loop: a few milliseconds


class Turns:
    """The outermost layer, for one path: a request that waits here has cost next to nothing yet."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self.app = app
        self.path = path
        self._begun = 0  # in this turn of the loop
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and scope["path"].rstrip("/") == self.path:
            scope.setdefault("state", {})["arrived"] = asyncio.get_running_loop().time()
            await self._turn()
        await self.app(scope, receive, send)

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        if self._begun == 0 and not self._waiting:
            loop.call_soon(self._next)
        self._begun += 1
        if self._begun > AT_ONCE:
            turn = loop.create_future()
            self._waiting.append(turn)
            await turn

    def _next(self) -> None:
        """Begin the next turn of the loop."""
        self._begun = 0
        while self._waiting and self._begun < AT_ONCE:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._begun += 1
        if self._begun:
            asyncio.get_running_loop().call_soon(self._next)
