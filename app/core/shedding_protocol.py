"""HTTP/1.1 that refuses what would wait too long before it becomes a request to the application."""

import asyncio
import time
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from app.core.http_protocol import ImpatientProtocol
from app.core.overload import Overload

SPARED = (b"/health", b"/metrics")  # who asks whether a process lives must not be told that it is busy
CLOSE = b"connection: close\r\n"


class SheddingProtocol(ImpatientProtocol):
    """Refuses where it costs next to nothing: there is no task yet, and no layer has been asked.

    A request is refused as soon as its headers are there; what else belongs to it is read, and forgotten.
    While a client is not listened to, the kernel holds what it sends, and nothing here has to know of it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **options)
        self.overload: Overload = self.app_state["overload"]
        self.refused = False  # the request that is being read
        self.unread = False  # some of it
        self.heard = float("-inf")  # since when the client could ask again
        self.rest: asyncio.TimerHandle | None = None

    def on_headers_complete(self) -> None:
        """Refuse the request, or go on."""
        self.refused = self._is_refused()
        if not self.refused:
            super().on_headers_complete()
            return
        self.head_open, self.unread = False, True
        if self.rest:  # it was sent before the last one was refused, so that no rest would hold it up
            self.transport.close()
        elif not self.transport.is_closing():
            self._tell()

    def on_body(self, body: bytes) -> None:
        """Go on; of what is refused, to no end."""
        if not self.refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        if not self.refused:
            super().on_message_complete()
            return
        self.unread = False
        self.on_response_complete()
        if self.rest or self.transport.is_closing():
            return
        seconds = self.overload.rest(self.heard)
        self.heard = time.monotonic() + seconds
        if seconds:
            self.flow.pause_reading()
            self.rest = self.loop.call_later(seconds, self._listen)

    def _is_refused(self) -> bool:
        in_turn = self.cycle is None or self.cycle.response_complete
        spared = self.url.startswith(SPARED) or self.parser.get_method() == b"OPTIONS"  # of browsers
        return in_turn and not spared and not self.overload.admits()

    def _tell(self) -> None:
        origin = next((value for name, value in self.headers if name == b"origin"), b"")
        head, body = self.overload.refusal(origin)
        usual = b"".join(b"%b: %b\r\n" % each for each in self.server_state.default_headers)
        stays = self._stays_open()
        end = b"\r\n" if stays else CLOSE + b"\r\n"
        text = b"" if self.parser.get_method() == b"HEAD" else body
        self.transport.write(STATUS_LINE[HTTPStatus.SERVICE_UNAVAILABLE] + usual + head + end + text)
        if not stays:
            self.transport.close()

    def _stays_open(self) -> bool:
        return (
            self.parser.should_keep_alive()
            and self.parser.get_http_version() != "1.0"
            and not self.expect_100_continue  # nobody could say whether its body comes
            and not self.app_state["drain"].begun
        )

    def _reads_on(self) -> bool:
        return self.unread if self.refused else super()._reads_on()

    def _listen(self) -> None:
        self.rest = None
        self.flow.resume_reading()
