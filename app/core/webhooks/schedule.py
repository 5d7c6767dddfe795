"""When a webhook is tried again: the schedule of Standard Webhooks, and what the receiver asks for."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

HOUR = 3600
DELAYS = (5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
JITTER = 0.2  # of a delay is added at random: what failed together does not come back together
BUSY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


def next_delay(tries: int) -> timedelta | None:
    """How long to wait after so many failures in a row; ``None`` is for ever."""
    if tries > len(DELAYS):
        return None
    return timedelta(seconds=DELAYS[tries - 1]) * _jitter()


def pause_after(status: int | None, retry_after: str, now: datetime, *, again: bool) -> timedelta | None:
    """How long to leave a receiver alone: as it asks, or for a minute if it is busy or silent again."""
    if status is not None and status not in BUSY:
        return None
    asked = _retry_after(retry_after, now) or (PAUSE if again else None)
    return asked and min(max(asked, timedelta(seconds=1)), LONGEST_PAUSE) * _jitter()


def _jitter() -> float:
    return random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret


def _retry_after(value: str, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110, section 10.2.3)."""
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 10**8))
    try:
        return parsedate_to_datetime(value).astimezone(UTC) - now
    except (ValueError, OverflowError):
        return None
