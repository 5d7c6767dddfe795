"""A pool of connections that is fair to those who wait, and asks no connection whether it is alive."""

import asyncio
import time
from collections import deque
from contextvars import ContextVar
from typing import Any, cast

import asyncpg
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util import await_
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty

SMOOTHING = 0.02  # how much the last turn counts against those before
MEMORY = 1.0  # seconds
begun: ContextVar[bool] = ContextVar("begun", default=False)  # whether this task has had a turn
Turn = asyncio.Future[ConnectionPoolEntry]


class FairQueue(AsyncAdaptedQueue[ConnectionPoolEntry]):
    """Hands what comes back to whoever has waited longest; asyncio's own queue lets newcomers take it.

    Whoever has had a turn before goes first, so that what was begun is finished, and a newcomer waits once.
    """

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:  # noqa: FBT001, FBT002 - SQLAlchemy's own
        super().__init__(maxsize, use_lifo)
        self._begun: deque[Turn] = deque()
        self._new: deque[Turn] = deque()
        self._pace = 0.0  # seconds from one newcomer's turn to the next, lately
        self._last = 0.0  # when the last one was given, or the line began

    def put(self, item: ConnectionPoolEntry, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002
        """Give an entry back; there is always room."""
        self._forget_who_left()
        if self._begun:
            self._begun.popleft().set_result(item)
        elif self._new:
            self._pace, self._last = self._paced(), time.monotonic()
            self._new.popleft().set_result(item)
        else:
            super().put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> ConnectionPoolEntry:  # noqa: FBT001, FBT002
        """Take an entry, or wait for one. While anybody waits there is none."""
        return await_(self.turn(timeout)) if block else self.get_nowait()

    async def turn(self, timeout: float | None) -> ConnectionPoolEntry:  # noqa: ASYNC109 - of the pool
        """Take an entry, or wait for one.

        Raises:
            Empty: for too long.
        """
        entry = await self._wait(timeout) if self.empty() else self.get_nowait()
        begun.set(True)
        return entry

    def delay(self, coming: int = 0) -> float:
        """Seconds that somebody will wait who comes after so many others, at the pace of late."""
        self._forget_who_left()
        if self._new:
            return (len(self._new) + coming) * max(self._pace, self._paced())
        return coming * self._remembered()

    def _remembered(self) -> float:
        """The pace of a line that ended just now; of one that ended long ago it says nothing."""
        return self._pace if time.monotonic() - self._last < MEMORY else 0.0

    def _paced(self) -> float:
        """The pace, if the next turn were given now."""
        return self._pace + (time.monotonic() - self._last - self._pace) * SMOOTHING

    def _forget_who_left(self) -> None:
        for line in (self._begun, self._new):
            while line and line[0].done():
                line.popleft()

    async def _wait(self, timeout: float | None) -> ConnectionPoolEntry:  # noqa: ASYNC109 - of the pool
        turn: asyncio.Future[ConnectionPoolEntry] = asyncio.get_running_loop().create_future()
        if begun.get():
            self._begun.append(turn)
        else:
            if not self._new:
                self._pace, self._last = self._remembered(), time.monotonic()
            self._new.append(turn)
        try:
            async with asyncio.timeout(timeout):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # it came too late
                self.put(turn.result(), block=False)
            if isinstance(error, TimeoutError):
                raise Empty from error
            raise


class FairPool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool with a fair queue, and a short way to a connection for a single statement."""

    __module__ = AsyncAdaptedQueuePool.__module__  # which names its logger: not one of ours
    _queue_class = FairQueue
    _pool: FairQueue

    def delay(self, coming: int = 0) -> float:
        """Seconds that somebody who comes now, after so many others, will wait for a connection."""
        return self._pool.delay(coming)

    async def take(self) -> ConnectionPoolEntry | None:
        """A connection that is open, to be given back; none if only SQLAlchemy can open or mend one.

        Raises:
            TimeoutError: SQLAlchemy's; all are in use, and stay it for too long.
        """
        if self._pool.empty() and self._overflow < self._max_overflow:
            return None
        try:
            entry = await self._pool.turn(self._timeout)
        except Empty as error:
            raise exc.TimeoutError("no connection became free in time") from error
        try:
            if connection := entry.dbapi_connection:
                self.dispatch.checkout(connection, entry, entry)
                return entry
        except exc.InvalidatePoolError:
            pass  # SQLAlchemy finds out, too, when its turn comes
        self._do_return_conn(entry)
        return None

    def give(self, entry: ConnectionPoolEntry) -> None:
        """Give a connection back that is in no transaction."""
        self.dispatch.checkin(entry.dbapi_connection, entry)
        self._do_return_conn(entry)


class Loan:
    """The driver's connection, in no transaction, for a statement or two; the engine has a ``FairPool``.

    A class, as every request does this, and a generator would cost it two hundredths of its CPU time.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._pool = cast("FairPool", engine.pool)

    async def __aenter__(self) -> Any:  # noqa: ANN401 - of the driver
        """Take it."""
        self._entry = await self._pool.take()
        self._connection = self._entry or await self._engine.raw_connection()
        return self._connection.driver_connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Give it back; not if something may be half sent or half read."""
        if error is not None and not isinstance(error, asyncpg.PostgresError):
            self._connection.invalidate()
        if self._entry:
            self._pool.give(self._entry)
        else:
            self._connection.close()


def refuse_closed(connection: Any, *_: object) -> None:  # noqa: ANN401 - of the driver
    """Drop all connections when one turns out to be closed: PostgreSQL was restarted.

    The driver knows: the operating system has told it. A ping would cost every request a round trip.
    """
    if connection.driver_connection.is_closed():
        raise exc.InvalidatePoolError
