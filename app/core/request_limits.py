"""The general limits: so many requests for each caller, whatever they ask for."""

from uuid import UUID

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from app.core.setting_groups import LimitSettings
from app.core.throttle import Policy, Throttle


class RequestLimiter:
    """Counts requests by account, or by address where there is none."""

    def __init__(self, throttle: Throttle, settings: LimitSettings) -> None:
        self._throttle = throttle
        counter = SlidingWindowCounterRateLimiter
        self._of_account = Policy("requests", RateLimitItemPerMinute(settings.requests), counter)
        self._of_address = Policy("address", RateLimitItemPerMinute(settings.anonymous_requests), counter)
        self._registrations = Policy("registrations", RateLimitItemPerHour(settings.registrations), counter)

    async def count_account(self, user_id: UUID) -> None:
        """Count a request of somebody who is logged in, or of a key of theirs.

        Raises:
            TooManyRequests: there were too many.
        """
        await self._throttle.spend(self._of_account, str(user_id))

    async def count_address(self, address: str) -> None:
        """Count a request that needs no account.

        Raises:
            TooManyRequests: there were too many.
        """
        await self._throttle.spend(self._of_address, address)

    async def count_registration(self, address: str) -> None:
        """Count an attempt to register.

        Raises:
            TooManyRequests: there were too many.
        """
        await self._throttle.spend(self._registrations, address)
