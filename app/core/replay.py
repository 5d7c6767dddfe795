"""An answer that is kept, and given again as it was (draft-ietf-httpapi-idempotency-key-header-07)."""

import json

from fastapi import Request
from starlette.responses import Response

REPLAYED = "Idempotency-Replayed"


class Replay(Exception):
    """The request was answered before."""

    def __init__(self, answer: str) -> None:
        super().__init__("answered before")
        self.answer = answer


def dump(response: Response) -> str:
    """A response as text: status, headers, body."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers]
    return json.dumps([response.status_code, headers, bytes(response.body).decode("latin-1")])


async def as_replayed(_: Request, replay: Replay) -> Response:
    """The same response again, marked."""
    status, headers, body = json.loads(replay.answer)
    response = Response(body.encode("latin-1"), status)
    response.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    response.headers[REPLAYED] = "true"
    return response
