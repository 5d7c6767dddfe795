"""HEAD wherever there is GET (RFC 9110, section 9.3.2)."""

import asyncio

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
        answered = asyncio.Event()

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start" and "endpoint" in get:
                scope["endpoint"] = get["endpoint"]  # for the access log and the metrics
            if message["type"] != "http.response.body":
                await send(message)
            elif not answered.is_set():
                answered.set()  # the headers are all there is to say, however long the body would be
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(get, _until(answered, receive), without_body)


def _until(answered: asyncio.Event, receive: Receive) -> Receive:
    """The client's messages; to a stream, which may have no end, it seems to leave when it is answered."""

    async def receive_or_leave() -> Message:
        message, answer = asyncio.ensure_future(receive()), asyncio.ensure_future(answered.wait())
        try:
            await asyncio.wait({message, answer}, return_when=asyncio.FIRST_COMPLETED)
            return message.result() if message.done() else {"type": "http.disconnect"}
        finally:
            message.cancel()
            answer.cancel()

    return receive_or_leave
