"""A process that is about to stop asks its clients to come back over another connection."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLOSE = (b"connection", b"close")


class Draining:
    """``Connection: close`` (RFC 9112, section 9.6), which servers act upon, too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection. HTTP/2 knows no such header."""
        if scope["type"] != "http" or not scope["state"]["drain"].begun or scope["http_version"] > "1.1":
            await self.app(scope, receive, send)
            return

        async def and_close(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], CLOSE]
            await send(message)

        await self.app(scope, receive, and_close)
