"""Counting attempts and requests: shared through Redis or Valkey when there is one.

The counters are those of ``limits``. While Redis is away each process counts for itself: a login stays
limited, and the API stays up. What is left of each limit is noted, and a layer sends it with the answer.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar, cast

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter
from limits.errors import StorageError

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
    # Remembers each attempt, which is exact. For many attempts take the counter, which remembers two numbers.
    strategy: type[RateLimiter] = MovingWindowRateLimiter

    @classmethod
    def of(cls, name: str, quota: str) -> "Policy":
        """A policy from words: ``Policy.of("login", "10 per 15 minutes")``."""
        return cls(name, parse(quota))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a policy for one key."""

    policy: Policy
    remaining: int
    reset_time: float

    @property
    def seconds(self) -> int:
        """Until more is allowed."""
        return max(1, round(self.reset_time - time.time()))


# By name: what is left of each policy that the request of this context was counted for.
allowances: ContextVar[dict[str, Allowance] | None] = ContextVar("allowances", default=None)


class TooManyRequests(DomainError):
    """You have tried too often; Retry-After says when to try again."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, allowance: Allowance) -> None:
        super().__init__("Too many attempts. Try again later.")
        self.headers = {"Retry-After": str(allowance.seconds)}


class Throttle:
    """Counts attempts for keys, and refuses when there were too many."""

    def __init__(self, shared: Storage | None = None) -> None:
        self._retry_at = 0.0
        self._local = _limiters(MemoryStorage())
        self._shared = _limiters(shared) if shared else None

    async def check(self, policy: Policy, *key: str) -> None:
        """Let an attempt through, or not; it is not counted.

        Raises:
            TooManyRequests: the quota is used up.
        """
        allowed = await self._ask(policy, lambda limiter: limiter.test(policy.quota, policy.name, *key))
        await self._conclude(policy, key, allowed=allowed)

    async def count(self, policy: Policy, *key: str) -> None:
        """Count an attempt."""
        await self._ask(policy, lambda limiter: limiter.hit(policy.quota, policy.name, *key))
        await self._note(policy, key)

    async def spend(self, policy: Policy, *key: str) -> None:
        """Count an attempt, or refuse it.

        Raises:
            TooManyRequests: the quota is used up.
        """
        allowed = await self._ask(policy, lambda limiter: limiter.hit(policy.quota, policy.name, *key))
        await self._conclude(policy, key, allowed=allowed)

    async def forget(self, policy: Policy, *key: str) -> None:
        """Begin again at none, as somebody has proved to be no guesser."""
        await self._ask(policy, lambda limiter: limiter.clear(policy.quota, policy.name, *key))
        await self._note(policy, key)

    async def _conclude(self, policy: Policy, key: tuple[str, ...], *, allowed: bool) -> None:
        allowance = await self._note(policy, key)
        if not allowed:
            raise TooManyRequests(allowance)

    async def _note(self, policy: Policy, key: tuple[str, ...]) -> Allowance:
        window = await self._ask(
            policy, lambda limiter: limiter.get_window_stats(policy.quota, policy.name, *key)
        )
        allowance = Allowance(policy, window.remaining, window.reset_time)
        if (noted := allowances.get()) is not None:
            noted[policy.name] = allowance
        return allowance

    async def _ask(self, policy: Policy, question: Callable[[RateLimiter], Awaitable[T]]) -> T:
        if self._shared is not None and time.monotonic() >= self._retry_at:
            try:
                return await question(self._shared[policy.strategy])
            except StorageError:
                self._retry_at = time.monotonic() + RETRY_SECONDS
                logger.warning("redis is away, attempts are counted in this process")
        return await question(self._local[policy.strategy])


def _limiters(storage: Storage) -> dict[type[RateLimiter], RateLimiter]:
    return {kind: kind(storage) for kind in (MovingWindowRateLimiter, SlidingWindowCounterRateLimiter)}


@asynccontextmanager
async def open_throttle(settings: Settings) -> AsyncIterator[Throttle]:
    """A throttle whose connections to Redis, if it has any, are closed at the end."""
    if settings.redis_url is None:
        yield Throttle()
        return
    storage = RedisStorage(
        f"async+{settings.redis_url.get_secret_value()}",
        wrap_exceptions=True,
        implementation="redispy",
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
    )
    try:
        yield Throttle(storage)
    finally:
        await cast("RedispyBridge", storage.bridge).get_connection().aclose()  # type: ignore[attr-defined]  # limits declares too little
