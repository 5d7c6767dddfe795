"""HEAD wherever there is GET (RFC 9110, section 9.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Answers HEAD with the headers of GET and without its body; routes never see the difference."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        get = {**scope, "method": "GET"}
        answered = False

        async def without_body(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start" and "endpoint" in get:
                scope["endpoint"] = get["endpoint"]  # for the access log and the metrics
            if message["type"] != "http.response.body":
                await send(message)
            elif not answered:
                # At its first part: events have no last one. The app then hears that the client left.
                answered = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(get, receive, without_body)
