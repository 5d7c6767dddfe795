"""HTTP/1.1 as uvicorn speaks it, with little patience: slow clients cost a connection, not for ever."""

import asyncio
from http import HTTPStatus
from typing import Any

from uuid_utils import uuid7
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.core.problem_details import MEDIA_TYPE, describe, kind_of

MAX_HEAD = 65_536  # bytes of a request line and headers; the app itself refuses half as many by name


class ImpatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not come.

    The head of a request must be there ``patience`` seconds after its first byte, the first byte so long
    after the connection, and no two parts of a body may be further apart. A request that comes at once,
    as nearly all do, sets no timer.
    """

    def __init__(self, *arguments: Any, patience: float, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **options)
        self.patience = patience
        self.head_open = True  # whether the headers are still to come
        self.head_size = 0
        self.timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first byte."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; if there is more to come, see to it that it does."""
        super().data_received(data)
        if self.head_open:
            self.head_size += len(data)
            if self.head_size > MAX_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large.")
            elif self.timer is None:
                self._wait()
        else:
            self._stop_waiting()
            if self._reads_on():
                self._wait()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self.head_open, self.head_size = True, 0

    def on_headers_complete(self) -> None:
        """The last byte of the headers."""
        self.head_open = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that are no HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        request_id = str(uuid7())
        body = describe(request_id, status, kind_of(status), detail).encode()
        headers = {
            "content-type": MEDIA_TYPE,
            "content-length": len(body),
            "x-request-id": request_id,
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
            "connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(STATUS_LINE[status] + head.encode() + b"\r\n" + body)
        self.transport.close()

    def _reads_on(self) -> bool:
        """Whether there is more of a body to come."""
        return self.cycle.more_body

    def _wait(self) -> None:
        self.timer = self.loop.call_later(self.patience, self._give_up)

    def _stop_waiting(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _give_up(self) -> None:
        self.timer = None
        if self.flow.read_paused:  # it is us who do not read
            self._wait()
        else:
            self.transport.close()
