"""A worker process: it runs jobs until it is told to stop, and outlives every absence of its database."""

import asyncio
import contextlib
import logging
import random
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from procrastinate import App, exceptions
from procrastinate.middleware import WorkerMiddleware
from procrastinate.worker import Worker

from app.core.queue.manager import Manager
from app.core.setting_groups import WorkerSettings

logger = logging.getLogger("app.worker")
SILENT_BEATS = 5  # heartbeats that a worker may miss until its jobs are given to others
PAUSE = 1.0  # seconds until a worker that has lost its database tries again
NEVER = 86_400.0  # for what Procrastinate would do by itself and we do otherwise


@dataclass
class Supervisor:
    """Keeps a Procrastinate worker for each queue running, and all of them alive in the eyes of others."""

    app: App
    manager: Manager
    settings: WorkerSettings
    queues: Mapping[str, int]
    middleware: WorkerMiddleware
    listen: bool = True
    _workers: dict[str, Worker] = field(default_factory=dict)

    async def run(self) -> None:
        """Work until ``stop``; then finish what runs, as long as the grace period lasts."""
        care = asyncio.create_task(self._take_care())
        try:
            await asyncio.gather(*(self._keep_running(queue) for queue in self.queues))
        finally:
            care.cancel()
            await asyncio.gather(care, return_exceptions=True)

    def stop(self) -> None:
        """Take no more jobs."""
        self.manager.stopping.set()
        for worker in self._workers.values():
            worker.stop()  # type: ignore[no-untyped-call]

    async def _keep_running(self, queue: str) -> None:
        while not self.manager.stopping.is_set():
            worker = self._workers[queue] = self._worker(queue)
            try:
                await worker.run()  # type: ignore[no-untyped-call]
            except exceptions.ConnectorException as error:
                logger.warning("queue unavailable", extra={"queue": queue, "error": str(error)})
            except Exception:
                logger.exception("worker failed", extra={"queue": queue})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.manager.stopping.wait(), PAUSE * random.uniform(0.5, 1))  # noqa: S311

    def _worker(self, queue: str) -> Worker:
        return Worker(
            self.app,
            queues=[queue],
            concurrency=self.queues[queue],
            fetch_job_polling_interval=self.settings.poll_interval,
            abort_job_polling_interval=NEVER,
            shutdown_graceful_timeout=self.settings.shutdown_timeout,
            listen_notify=self.listen,
            install_signal_handlers=False,
            update_heartbeat_interval=NEVER,  # ours goes on while a worker finishes its last jobs
            stalled_worker_timeout=NEVER,
            worker_middleware=[self.middleware],
        )

    @property
    def _silence(self) -> float:
        return self.settings.heartbeat * SILENT_BEATS

    async def _take_care(self) -> None:
        """Say that our workers live, and take back the jobs of those that do not.

        Who was cut off cannot tell who was silent: after an outage everybody seems dead for a moment.
        """
        clock = asyncio.get_running_loop().time
        blind_until = clock()
        while True:
            try:
                for worker in list(self._workers.values()):
                    if worker.worker_id is not None:
                        await self.manager.update_heartbeat(worker.worker_id)
                if clock() >= blind_until:
                    await self.manager.rescue(self._silence)
            except exceptions.ConnectorException:
                blind_until = clock() + 2 * self._silence  # theirs and what they need to come back
            except Exception:  # whatever it is, others would take our jobs if we fell silent
                logger.exception("no care taken")
            await asyncio.sleep(self.settings.heartbeat)


@contextlib.asynccontextmanager
async def stopped_by_signals(supervisor: Supervisor) -> AsyncIterator[None]:
    """SIGTERM and SIGINT stop the supervisor."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(supervisor.stop))
        for number in numbers
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
