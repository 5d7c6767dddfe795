"""Counting attempts, so that guessing is slow: shared through Redis or Valkey when there is one.

The counters are those of ``limits``. While Redis is away each process counts for itself: a login stays
limited, and the API stays up.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from limits import RateLimitItem, WindowStats, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter, RateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from app.core.config import Settings
from app.core.errors import DomainError

T = TypeVar("T")
logger = logging.getLogger("app.throttle")
REDIS_TIMEOUT = 0.5  # seconds; a slow Redis must not slow the login
RETRY_SECONDS = 5  # how long Redis is left alone after it did not answer


@dataclass(frozen=True, slots=True)
class Policy:
    """So many attempts in a moving window of time, for each key."""

    name: str
    quota: RateLimitItem

    @classmethod
    def of(cls, name: str, quota: str) -> "Policy":
        """A policy from words: ``Policy.of("login", "10 per 15 minutes")``."""
        return cls(name, parse(quota))


class TooManyRequests(DomainError):
    """You have tried too often; Retry-After says when to try again."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, policy: Policy, reset_time: float) -> None:
        super().__init__("Too many attempts. Try again later.")
        self.headers = {"Retry-After": str(_seconds_until(reset_time))} | _headers(policy, 0, reset_time)


class Throttle:
    """Counts attempts for keys, and refuses when there were too many."""

    def __init__(self, shared: Storage | None = None) -> None:
        self._retry_at = 0.0
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(shared) if shared else None

    async def check(self, policy: Policy, *key: str) -> None:
        """Let an attempt through, or not; it is not counted.

        Raises:
            TooManyRequests: the quota is used up.
        """
        if not await self._ask(lambda limiter: limiter.test(policy.quota, policy.name, *key)):
            window = await self._ask(
                lambda limiter: limiter.get_window_stats(policy.quota, policy.name, *key)
            )
            raise TooManyRequests(policy, window.reset_time)

    async def count(self, policy: Policy, *key: str) -> None:
        """Count an attempt."""
        await self._ask(lambda limiter: limiter.hit(policy.quota, policy.name, *key))

    async def spend(self, policy: Policy, *key: str) -> None:
        """Count an attempt, or refuse it.

        Raises:
            TooManyRequests: the quota is used up.
        """
        if not await self._ask(lambda limiter: limiter.hit(policy.quota, policy.name, *key)):
            window = await self._window(policy, *key)
            raise TooManyRequests(policy, window.reset_time)

    async def forget(self, policy: Policy, *key: str) -> None:
        """Begin again at none, as somebody has proved to be no guesser."""
        await self._ask(lambda limiter: limiter.clear(policy.quota, policy.name, *key))

    async def allowance(self, policy: Policy, *key: str) -> dict[str, str]:
        """Headers that say how much is left (draft-ietf-httpapi-ratelimit-headers)."""
        window = await self._window(policy, *key)
        return _headers(policy, window.remaining, window.reset_time)

    async def _window(self, policy: Policy, *key: str) -> WindowStats:
        return await self._ask(lambda limiter: limiter.get_window_stats(policy.quota, policy.name, *key))

    async def _ask(self, question: Callable[[RateLimiter], Awaitable[T]]) -> T:
        if self._shared is not None and time.monotonic() >= self._retry_at:
            try:
                return await question(self._shared)
            except StorageError:
                self._retry_at = time.monotonic() + RETRY_SECONDS
                logger.warning("redis is away, attempts are counted in this process")
        return await question(self._local)


def _seconds_until(moment: float) -> int:
    return max(1, round(moment - time.time()))


def _headers(policy: Policy, remaining: int, reset_time: float) -> dict[str, str]:
    quota, window = policy.quota.amount, policy.quota.get_expiry()
    return {
        "RateLimit-Policy": f'"{policy.name}";q={quota};w={window}',
        "RateLimit": f'"{policy.name}";r={remaining};t={_seconds_until(reset_time)}',
    }


@asynccontextmanager
async def open_throttle(settings: Settings) -> AsyncIterator[Throttle]:
    """A throttle whose connections to Redis, if it has any, are closed at the end."""
    if settings.redis_url is None:
        yield Throttle()
        return
    url = settings.redis_url.get_secret_value()
    pool = ConnectionPool.from_url(url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)
    try:
        storage = RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            connection_pool=pool,  # type: ignore[arg-type]  # limits types its options too narrowly
        )
        yield Throttle(storage)
    finally:
        await pool.aclose()
