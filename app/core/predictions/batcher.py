"""Requests that wait are computed together, in threads of their own; the event loop only keeps the queue."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice

from app.core.errors import DomainError, Unavailable
from app.core.predictions.metrics import PredictionMetrics
from app.core.predictions.model import Rows, Scores
from app.core.predictions.settings import PredictionSettings
from app.core.predictions.turns import AT_ONCE
from app.core.predictions.versions import Version


class PredictionQueueFull(Unavailable):
    """As many inputs wait for their predictions as this process allows."""


class PredictionTooLate(Unavailable):
    """The predictions were not computed in time."""


class ClientGone(DomainError):
    """The client hung up before its predictions were computed. Only the log and the metrics show this."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody waits for an answer."""

    since: float  # by the clock of the event loop
    departure: Callable[[], Awaitable[object]]  # which ends when they hang up


@dataclass(frozen=True, slots=True)
class Answer:
    """Scores of a request's rows, all by the same version of the model."""

    version: Version
    scores: list[Scores]


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """A request in the queue."""

    rows: Rows
    answer: asyncio.Future[Answer]
    since: float


class Batcher:
    """A queue bounded by rows, and workers that take from it as much as fits into a batch."""

    def __init__(
        self, settings: PredictionSettings, metrics: PredictionMetrics, version: Callable[[], Version]
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._version = version
        self._queue: OrderedDict[Ticket, None] = OrderedDict()
        self._waiting = 0  # rows in the queue
        self._arrival = asyncio.Event()

    async def predict(self, rows: Rows, patience: Patience) -> Answer:
        """Wait for the answer to these rows, but no longer than the deadline and the client do.

        Raises:
            PredictionQueueFull: too many rows wait.
            PredictionTooLate: there is no answer in time.
            ClientGone: nobody wants it any more.
        """
        ticket = self._enqueue(rows)
        gone = asyncio.ensure_future(patience.departure())
        try:
            async with asyncio.timeout_at(patience.since + self._settings.deadline) as limit:
                gone.add_done_callback(partial(_give_up, ticket, limit))
                return await ticket.answer
        except TimeoutError as error:
            raise self._rejection(gone) from error
        finally:
            gone.cancel()
            self._drop(ticket)

    def _enqueue(self, rows: Rows) -> Ticket:
        if self._waiting + len(rows) > self._settings.queue:
            self._metrics.rejected.labels("full").inc()
            raise PredictionQueueFull("Too many predictions are waiting. Try again.")
        loop = asyncio.get_running_loop()
        ticket = Ticket(rows, loop.create_future(), loop.time())
        self._queue[ticket] = None
        self._waiting += len(rows)
        self._arrival.set()
        return ticket

    def _rejection(self, gone: asyncio.Future[object]) -> DomainError:
        left = gone.done()
        self._metrics.rejected.labels("gone" if left else "late").inc()
        if left:
            return ClientGone("The client hung up.")
        return PredictionTooLate("The predictions were not computed in time.")

    def _drop(self, ticket: Ticket) -> None:
        if ticket in self._queue:
            del self._queue[ticket]
            self._waiting -= len(ticket.rows)

    async def work(self, threads: ThreadPoolExecutor) -> None:
        """Compute one batch after the other, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await self._gather()
            batch = self._take()
            outcomes = await loop.run_in_executor(threads, self._compute, [each.rows for each in batch])
            for number, (ticket, outcome) in enumerate(zip(batch, outcomes, strict=True)):
                _settle(ticket.answer, outcome)
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)  # let the loop send some answers before it prepares more

    async def _gather(self) -> None:
        """Wait for somebody, and then for company until the batch is full or the first has waited enough."""
        while not self._queue:
            self._arrival.clear()
            await self._arrival.wait()
        first = next(iter(self._queue))
        patience = first.since + self._settings.max_wait - asyncio.get_running_loop().time()
        if patience > 0 and self._waiting < self._settings.max_batch:
            await asyncio.sleep(patience)

    def _take(self) -> list[Ticket]:
        batch: list[Ticket] = []
        room, now = self._settings.max_batch, asyncio.get_running_loop().time()
        while self._queue and (not batch or len(next(iter(self._queue)).rows) <= room):
            ticket = next(iter(self._queue))
            self._drop(ticket)
            self._metrics.queued.observe(now - ticket.since)
            room -= len(ticket.rows)
            batch.append(ticket)
        return batch

    def _compute(self, requests: list[Rows]) -> list[Answer | Exception]:
        """Answers to requests, in a thread. One that the model fails at does not fail the others."""
        try:
            version = self._version()
            scores = iter(list(self._scores(version, [row for rows in requests for row in rows])))
        except Exception as error:  # noqa: BLE001 - the request gets it, and with it a 500
            alone = len(requests) == 1
            return [error] if alone else [each for rows in requests for each in self._compute([rows])]
        return [Answer(version, list(islice(scores, len(rows)))) for rows in requests]

    def _scores(self, version: Version, rows: Rows) -> Iterator[Scores]:
        """Scores of a batch; a request that is larger than one takes several."""
        for start in range(0, len(rows), self._settings.max_batch):
            batch = rows[start : start + self._settings.max_batch]
            self._metrics.batch.observe(len(batch))
            with self._metrics.inference.time():
                scores = version.predict(batch)
            yield from scores


def _settle(answer: asyncio.Future[Answer], outcome: Answer | Exception) -> None:
    if answer.done():  # too late, or gone
        return
    if isinstance(outcome, Answer):
        answer.set_result(outcome)
    else:
        answer.set_exception(outcome)


def _give_up(ticket: Ticket, limit: asyncio.Timeout, _: asyncio.Future[object]) -> None:
    """A client that has gone has no time left."""
    if not ticket.answer.done():
        limit.reschedule(0)
