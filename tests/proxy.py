"""A TCP proxy that can fall silent: bytes are swallowed, connections stay open, as in a network partition."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

from tests.listening import stop_listening


class Proxy:
    """Forwards to a PostgreSQL, over TCP or its Unix socket, unless it is silent."""

    def __init__(self, url: str) -> None:
        self.target = urlsplit(url)
        self._forwards = asyncio.Event()
        self._forwards.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._server: asyncio.Server

    @property
    def url(self) -> str:
        """The same database through the proxy."""
        host, port = self._server.sockets[0].getsockname()
        user = self.target.netloc.rpartition("@")[0] or "postgres"
        return self.target._replace(netloc=f"{user}@{host}:{port}", query="").geturl()

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Swallow what is sent. Connections that have lost something stay silent for ever."""
        self._forwards.clear()
        try:
            yield
        finally:
            self._forwards.set()

    async def open(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def close(self) -> None:
        """Let nobody in any more, and cut what is connected."""
        self._closed = True  # to who was let in just before and is not served yet, too
        await stop_listening(self._server)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:
            writer.close()
            return
        if task := asyncio.current_task():
            self._tasks.add(task)
        with suppress(asyncio.CancelledError):
            await self._forward(reader, writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        has_lost = asyncio.Event()
        with closing(writer):
            there_reader, there_writer = await self._connect()
            with closing(there_writer):
                await asyncio.gather(
                    self._pump(reader, there_writer, has_lost), self._pump(there_reader, writer, has_lost)
                )

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if folder := parse_qs(self.target.query).get("host"):
            return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.5432")
        return await asyncio.open_connection(self.target.hostname, self.target.port or 5432)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, has_lost: asyncio.Event
    ) -> None:
        try:
            while data := await source.read(65536):
                if not self._forwards.is_set():
                    has_lost.set()
                if not has_lost.is_set():
                    sink.write(data)
                    await sink.drain()
        except ConnectionError:
            pass
        finally:
            await self._forwards.wait()  # nobody hears of the end meanwhile
            sink.close()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """A proxy in front of a database."""
    proxy = Proxy(url)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
