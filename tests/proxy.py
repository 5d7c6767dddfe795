"""A TCP proxy that can fall silent: bytes are swallowed, connections stay open, as in a network partition."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit


class Proxy:
    """Forwards to a PostgreSQL, over TCP or its Unix socket, unless it is silent."""

    def __init__(self, url: str) -> None:
        self.target = urlsplit(url)
        self.silent = False
        self._server: asyncio.Server

    @property
    def url(self) -> str:
        """The same database through the proxy."""
        host, port = self._server.sockets[0].getsockname()
        user = self.target.netloc.rpartition("@")[0] or "postgres"
        return self.target._replace(netloc=f"{user}@{host}:{port}", query="").geturl()

    async def open(self) -> asyncio.Server:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await self._connect()
        try:
            await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        finally:
            writer.close()
            there_writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if folder := parse_qs(self.target.query).get("host"):
            return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.5432")
        return await asyncio.open_connection(self.target.hostname, self.target.port or 5432)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                if not self.silent:
                    sink.write(data)
                    await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """A proxy in front of a database."""
    proxy = Proxy(url)
    async with await proxy.open():
        yield proxy
