"""The model that serves, and how it is replaced while requests go on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import cast

from anyio import to_thread

from app.core.errors import Unavailable
from app.core.predictions.batcher import Answer, Batcher, Patience
from app.core.predictions.metrics import PredictionMetrics
from app.core.predictions.model import Rows, Runtime
from app.core.predictions.settings import PredictionSettings
from app.core.predictions.versions import ModelRefused, Version, Versions

SHIPPED = Path(__file__).parents[2] / "predictors" / "digits"
logger = logging.getLogger("app.predictions")


class ModelUnavailable(Unavailable):
    """No version of the model could be loaded; the log says why. Another is looked for every few seconds."""


class Predictor:
    """Answers with the newest version that could be loaded."""

    def __init__(self, settings: PredictionSettings, metrics: PredictionMetrics, versions: Versions) -> None:
        self._settings = settings
        self._versions = versions
        self._version: Version | None = None
        self._stamp: object = None
        self._renewing = asyncio.Lock()
        self._batcher = Batcher(settings, metrics, lambda: self.version)

    @property
    def version(self) -> Version:
        """The version that serves.

        Raises:
            ModelUnavailable: there is none.
        """
        if self._version is None:
            raise ModelUnavailable("There is no model at the moment.")
        return self._version

    async def predict(self, rows: Rows, patience: Patience) -> Answer:
        """Scores for rows that were checked; see Batcher."""
        return await self._batcher.predict(rows, patience)

    async def renew(self, before: Callable[[Version], Awaitable[None]] | None = None) -> Version:
        """Change to the newest version, after something that has to be done before. Requests notice nothing.

        Raises:
            ModelRefused: it is unusable, or takes other inputs; the version that served goes on serving.
        """
        async with self._renewing:
            self._stamp = await to_thread.run_sync(self._versions.stamp)
            version = await to_thread.run_sync(self._versions.newest)
            self._check(version)
            if before:
                await before(version)
            self._version = version  # a batch that is being computed keeps its own
        logger.info("model loaded", extra={"model": version.card.name, "version": version.number})
        return version

    def _check(self, version: Version) -> None:
        """Requests were checked for the version that serves, and are computed by the new one."""
        if self._version and self._version.contract != version.contract:
            raise ModelRefused(
                f"Version {version.number} has other inputs or labels than version {self._version.number}, "
                "which serves. Restart the service to change what clients rely on."
            )

    async def load(self) -> None:
        """The newest version that can be loaded, of whatever age."""
        self._stamp = await to_thread.run_sync(self._versions.stamp)
        self._version = await to_thread.run_sync(self._versions.newest_usable)

    async def watch(self) -> None:
        """Notice what changes in the folder, for ever: every process of the service finds a new version."""
        while True:
            await asyncio.sleep(self._settings.refresh)
            try:
                if await to_thread.run_sync(self._versions.stamp) != self._stamp:
                    await self.renew()
            except (ModelRefused, OSError) as error:
                logger.error("model refused", extra={"error": str(error)})  # noqa: TRY400 - logged with it

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Load the model, and answer until the block ends."""
        await self.load()
        with ThreadPoolExecutor(self._settings.threads, "predictions") as threads:
            workers = [self._batcher.work(threads) for _ in range(self._settings.threads)]
            tasks = [asyncio.create_task(each) for each in (*workers, self.watch())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def open_predictor(
    settings: PredictionSettings, metrics: PredictionMetrics
) -> AsyncIterator[Predictor | None]:
    """A predictor for the life of a process; none if it is switched off, or its runtime is not installed."""
    runtime = await to_thread.run_sync(_runtime, settings) if settings.enabled else None
    if runtime is None:
        yield None
        return
    predictor = Predictor(settings, metrics, Versions(settings.folder or SHIPPED, runtime))
    async with predictor.working():
        yield predictor


def _runtime(settings: PredictionSettings) -> Runtime | None:
    try:
        return cast("Runtime", import_module(settings.runtime))
    except ModuleNotFoundError as error:
        if error.name and settings.runtime.startswith(error.name):
            raise  # a misspelt setting; what the runtime itself imports may be missing
        logger.warning("predictions are off", extra={"missing": error.name})
        return None
