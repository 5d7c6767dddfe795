"""Load where there is no wrk, or at a rate: ``python -m bench.client URL FILE CONNECTIONS SECONDS [RATE]``.

Without a rate each connection asks again as soon as it has its answer. With one, requests are due at their
times whatever the server does, and latency counts from when one was due: who falls behind cannot hide it.
"""

import asyncio
import json
import re
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from bench.workloads import Request

HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
FIRST_ERROR = 400
TICK = 0.001  # seconds


@dataclass
class Load:
    """What is sent, and what came back."""

    host: str
    port: int
    requests: "cycle[bytes]"  # not subscriptable when run
    end: float
    paced: bool
    due: deque[float] = field(default_factory=deque)  # requests that wait for a free connection
    idle: "deque[Connection]" = field(default_factory=deque)
    latencies: list[float] = field(default_factory=list)
    errors: int = 0

    async def connect(self) -> None:
        """One more connection."""
        try:
            await asyncio.get_running_loop().create_connection(lambda: Connection(self), self.host, self.port)
        except OSError:
            self.errors += 1

    def offer(self, connection: "Connection") -> None:
        """Give a free connection its next request, if there is one for it."""
        now = time.perf_counter()
        if now >= self.end:
            return
        if not self.paced:
            connection.ask(now)
        elif self.due:
            connection.ask(self.due.popleft())
        else:
            self.idle.append(connection)

    async def pace(self, rate: float) -> None:
        """Let requests become due, evenly."""
        start, made = time.perf_counter(), 0
        while (now := time.perf_counter()) < self.end:
            while made / rate <= now - start:
                self.due.append(start + made / rate)
                made += 1
            while self.idle and self.due:
                self.idle.popleft().ask(self.due.popleft())
            await asyncio.sleep(TICK)


class Connection(asyncio.Protocol):
    """A client that waits for one answer at a time."""

    transport: asyncio.Transport

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""
        self.asked: float | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP's is one
        self.transport = transport
        self.load.offer(self)

    def ask(self, since: float) -> None:
        """Send a request that was due at some time."""
        self.asked = since
        self.transport.write(next(self.load.requests))

    def data_received(self, data: bytes) -> None:
        """Count an answer when it is whole."""
        self.buffer += data
        if self.asked is None or not _is_whole(self.buffer):
            return
        self.load.latencies.append(time.perf_counter() - self.asked)
        self.load.errors += int(self.buffer[9:12]) >= FIRST_ERROR
        self.buffer, self.asked = b"", None
        self.load.offer(self)

    def connection_lost(self, _: Exception | None) -> None:
        """A server may close what it has answered; what it has not is an error."""
        self.load.errors += self.asked is not None
        if time.perf_counter() < self.load.end:
            self.tasks.add(asyncio.create_task(self.load.connect()))


def _is_whole(buffer: bytes) -> bool:
    head, found, body = buffer.partition(HEAD_END)
    length = LENGTH.search(head)
    if not found:
        return False
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


def encode(request: Request, host: str) -> bytes:
    """A request as it is sent."""
    lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {host}"]
    if request.token:
        lines.append(f"Authorization: Bearer {request.token}")
    if request.body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(request.body.encode())}"]
    return "\r\n".join([*lines, "", request.body]).encode()


async def run(url: str, requests: list[Request], connections: int, seconds: float, rate: float) -> Load:
    """Ask until the time is over."""
    place = urlsplit(url)
    host, port = place.hostname or "", place.port or 80
    encoded = cycle([encode(each, place.netloc) for each in requests])
    load = Load(host, port, encoded, time.perf_counter() + seconds, paced=rate > 0)
    await asyncio.gather(*(load.connect() for _ in range(connections)))
    if load.paced:
        await load.pace(rate)
    await asyncio.sleep(max(0.0, load.end - time.perf_counter()))
    return load


def main() -> None:
    """Ask, and say what came back, in milliseconds."""
    url, file, connections, seconds, *rate = sys.argv[1:]
    lines = Path(file).read_text().splitlines()
    requests = [Request(*line.split("\t")) for line in lines]
    load = asyncio.run(run(url, requests, int(connections), float(seconds), float(rate[0]) if rate else 0.0))
    cuts = quantiles(load.latencies or [0.0, 0.0], n=100, method="inclusive")
    found = {"requests": len(load.latencies), "seconds": float(seconds), "errors": load.errors}
    sys.stderr.write(json.dumps(found | {"p50": cuts[49] * 1000, "p99": cuts[98] * 1000}) + "\n")


if __name__ == "__main__":
    main()
