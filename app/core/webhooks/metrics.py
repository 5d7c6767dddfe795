"""What a worker measures about webhooks."""

from dataclasses import dataclass
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Histogram

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)


@dataclass(frozen=True)
class WebhookMetrics:
    """The instruments of one worker."""

    attempts: Counter
    duration: Histogram

    @classmethod
    def create(cls, registry: CollectorRegistry) -> Self:
        """Instruments in a registry."""
        return cls(
            attempts=Counter("webhook_attempts", "Attempts to deliver.", ["outcome"], registry=registry),
            duration=Histogram(
                "webhook_attempt_seconds",
                "Time until a receiver answered.",
                registry=registry,
                buckets=BUCKETS,
            ),
        )
