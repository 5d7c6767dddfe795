"""Clients that begin a request and do not go on hold a connection for seconds, and hold nobody up."""

import asyncio
import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.processes import PATIENCE, PLAIN, Service, eventually, serving

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what it knows of a connection")
KEEPALIVE_TIMER = "02"
HEAD = b"POST /api/v1/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HEAD += b"Content-Type: application/x-www-form-urlencoded\r\n"
BODY = b"username=ada@example.com&password=wrong"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY)
HALVES = {
    "nothing": b"",
    "half a line": HEAD[:10],
    "half of the headers": HEAD,
    "no body": WHOLE,
    "half of a body": WHOLE + BODY[:7],
    "half of a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\nuser",
    "half of a second request": b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + HEAD,
}


@pytest.fixture(scope="module")
def server(database_url: str) -> Iterator[Service]:
    with serving(database_url, APP_HTTP_SEND_TIMEOUT="1", APP_HTTP_READ_TIMEOUT="1") as server:
        yield server


async def connect(server: Service) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = urlsplit(server.url)
    return await asyncio.open_connection(url.hostname, url.port)


async def everything(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes."""
    return await asyncio.wait_for(reader.read(), PATIENCE)


@pytest.mark.parametrize("sent", HALVES.values(), ids=HALVES)
async def test_half_a_request_is_closed(server: Service, sent: bytes) -> None:
    reader, writer = await connect(server)
    writer.write(sent)

    said = await everything(reader)
    writer.close()

    assert said.count(b"HTTP/1.1 ") == ("GET" in sent.decode())


async def test_headers_that_drip_do_not_gain_time(server: Service) -> None:
    reader, writer = await connect(server)
    dripping = asyncio.create_task(drip(writer, HEAD + b"X-Filler: " + b"a" * 10_000, pause=0.1))

    assert await everything(reader) == b""

    dripping.cancel()
    writer.close()


async def test_a_body_that_keeps_coming_is_read_however_slow_it_is(server: Service) -> None:
    reader, writer = await connect(server)
    writer.write(WHOLE)
    await drip(writer, BODY, pause=0.05)  # twice the patience in all

    answer = await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()

    assert answer == b"HTTP/1.1 401 Unauthorized\r\n"


async def drip(writer: asyncio.StreamWriter, data: bytes, pause: float) -> None:
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(pause)


async def test_a_connection_that_is_kept_alive_may_rest(server: Service) -> None:
    patient = httpx2.Limits(keepalive_expiry=None)
    async with httpx2.AsyncClient(base_url=server.url, limits=patient, verify=PLAIN) as client:
        first = await address_after_a_request(client)
        await asyncio.sleep(6)  # the server's own five seconds would race with a balancer's requests
        second = await address_after_a_request(client)

    assert first == second


async def address_after_a_request(client: httpx2.AsyncClient) -> object:
    """Our end of the connection that it used."""
    async with client.stream("GET", "/version") as answer:
        await answer.aread()
        return answer.extensions["network_stream"].get_extra_info("client_addr")


@pytest.mark.parametrize(
    ("sent", "status", "kind"),
    [
        (b"HELO example.com\r\n\r\n", 400, "bad-request"),
        (b"GET /version HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n", 400, "bad-request"),
        (b"GET /version HTTP/1.1\r\nX-Filler: " + b"a" * 70_000, 431, "request-header-fields-too-large"),
        (b"GET /" + b"a" * 70_000, 431, "request-header-fields-too-large"),
    ],
)
async def test_what_is_no_request_is_told_so_in_the_usual_form(
    server: Service, sent: bytes, status: int, kind: str
) -> None:
    reader, writer = await connect(server)
    writer.write(sent)

    head, _, body = (await everything(reader)).partition(b"\r\n\r\n")
    writer.close()
    problem = json.loads(body)

    headers = dict(line.split(": ") for line in head.decode().splitlines()[1:])
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["type"]) == (status, f"urn:problem:{kind}")
    assert problem["request_id"] == headers["x-request-id"]


@LINUX
async def test_who_reads_nothing_of_an_answer_is_cut_off(server: Service) -> None:
    with connected(server, SO_RCVBUF=4096) as lazy:
        lazy.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await eventually(lambda: is_known(server, lazy))
        started = time.monotonic()
        await eventually(lambda: is_forgotten(server, lazy))
        seconds = time.monotonic() - started

    assert seconds > 1


@LINUX
async def test_the_kernel_asks_whether_a_quiet_client_is_there(server: Service) -> None:
    with connected(server) as quiet:
        quiet.sendall(b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await asyncio.to_thread(quiet.recv, 1000)
        await eventually(lambda: is_asked_after(server, quiet))


def connected(server: Service, **options: int) -> socket.socket:
    client = socket.socket()
    for name, value in options.items():
        client.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
    url = urlsplit(server.url)
    client.connect((url.hostname, url.port))
    return client


async def is_known(server: Service, client: socket.socket) -> bool:
    return bool(state_of(server, client))


async def is_forgotten(server: Service, client: socket.socket) -> bool:
    return not state_of(server, client)


async def is_asked_after(server: Service, client: socket.socket) -> bool:
    kind, _, hundredths = state_of(server, client)[5].partition(":")
    return kind == KEEPALIVE_TIMER and 0 < int(hundredths, 16) / 100 <= 30


def state_of(server: Service, client: socket.socket) -> list[str]:
    """What the kernel knows of the server's end of a connection."""
    ends = [f"0100007F:{port:04X}" for port in (urlsplit(server.url).port or 0, client.getsockname()[1])]
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    return next((line for line in lines if line[1:3] == ends), [])


@pytest.mark.faults
async def test_a_thousand_half_sent_requests_harm_nobody(server: Service) -> None:
    url = urlsplit(server.url)
    with ExitStack() as stack:
        lazy = [stack.enter_context(socket.create_connection((url.hostname, url.port))) for _ in range(1000)]
        for number, each in enumerate(lazy):
            each.sendall([HEAD, WHOLE][number % 2])
        async with httpx2.AsyncClient(base_url=server.url, verify=PLAIN) as client:
            answers = [(await client.get("/version")).status_code for _ in range(100)]
        closed = [await asyncio.to_thread(each.recv, 1) for each in lazy]

    assert answers == [200] * 100
    assert closed == [b""] * 1000
