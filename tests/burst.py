"""Many requests at the same time, each on a connection of its own, from a client that does little else."""

import asyncio
import json
import resource
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SPARE_FILES = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """What one request was answered, and how long that took."""

    status: int
    body: Any
    seconds: float


@dataclass(frozen=True, slots=True)
class Burst:
    """All replies, and how long they took together."""

    replies: list[Reply]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.replies) / self.seconds

    @property
    def statuses(self) -> set[int]:
        return {reply.status for reply in self.replies}

    def quantile(self, part: float) -> float:
        """So many seconds were enough for this part of the requests."""
        ordered = sorted(reply.seconds for reply in self.replies)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def allow_files(number: int) -> None:
    """Let this process, and those that it starts, open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number + SPARE_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, wanted), hard), hard))


async def burst(url: str, bodies: list[Any], at_once: int | None = None) -> Burst:
    """Connect so many times, for each body if not said otherwise, then post on all connections at once."""
    parts, number = urlsplit(url), at_once or len(bodies)
    requests = [_request(parts.path, parts.netloc, json.dumps(body).encode()) for body in bodies]
    connections = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(number)]
    try:
        started = time.perf_counter()
        shares = [_post(*pair, requests[start::number]) for start, pair in enumerate(connections)]
        replies = [reply for share in await asyncio.gather(*shares) for reply in share]
        return Burst(replies, time.perf_counter() - started)
    finally:
        for _, writer in connections:
            writer.close()


async def connect_and_post(url: str, body: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request whose answer nobody has read yet."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(_request(parts.path, parts.netloc, json.dumps(body).encode()))
    return reader, writer


async def _post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: list[bytes]
) -> list[Reply]:
    return [await _exchange(reader, writer, request) for request in requests]


def _request(path: str, host: str, body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> Reply:
    started = time.perf_counter()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    [length] = [int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length")]
    body = await reader.readexactly(length)
    return Reply(int(head.split()[1]), json.loads(body), time.perf_counter() - started)
