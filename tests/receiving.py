"""Receivers of webhooks, honest and hostile ones, and a name server that says what a test wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.listening import stop_listening

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Receiver:
    """Takes requests and answers them as the test says."""

    answer: Answering
    port: int = 0
    connections: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    closed: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed:
            writer.close()
            return
        if task := asyncio.current_task():
            self.tasks.add(task)
        with suppress(asyncio.CancelledError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    self.requests.append(await read_request(reader))
                    await self.answer(writer)
        finally:
            writer.close()


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """The request line, the headers and the body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    return line, headers, await reader.readexactly(int(headers.get("content-length", 0)))


def say(text: str | bytes) -> Answering:
    """Answer with these bytes."""
    raw = text if isinstance(text, bytes) else text.encode()

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return answer


def status(code: int, *headers: str, body: str = "ok") -> Answering:
    """Answer properly."""
    head = [f"HTTP/1.1 {code} Whatever", f"Content-Length: {len(body)}", *headers]
    return say("\r\n".join(head) + "\r\n\r\n" + body)


@asynccontextmanager
async def receiving(
    answer: Answering, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A receiver until the block ends."""
    receiver = Receiver(answer)
    server = await asyncio.start_server(receiver.serve, host, port, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.closed = True  # to who was let in just before and is not served yet, too
        await stop_listening(server)
        for task in receiver.tasks:
            task.cancel()
        await asyncio.gather(*receiver.tasks, return_exceptions=True)
        await server.wait_closed()


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """Answers each question for a name with the next of its answers, and the last one for ever."""

    answers: dict[str, list[list[str]]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        [question] = query.question
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name == "silent.test":
            return
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        known = self.answers.get(name)
        if known is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        else:
            now = (known.pop(0) if len(known) > 1 else known[0]) if kind == "A" else known[0]
            fitting = [each for each in now if (":" in each) == (kind == "AAAA")]
            if fitting:
                reply.answer.append(dns.rrset.from_text(question.name, 0, "IN", kind, *fitting))
        self.transport.sendto(reply.to_wire(), addr)


@asynccontextmanager
async def naming(**answers: list[list[str]]) -> AsyncIterator[NameServer]:
    """A name server of ``name_test=`` and the like until the block ends."""
    server = NameServer({name.replace("_", "."): each for name, each in answers.items()})
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
