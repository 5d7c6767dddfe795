"""What a worker process measures about its jobs, served on a port of its own."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

from app.core.config import Settings

BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800)


class MetricsPortTaken(OSError):
    """The metrics cannot be served where they are to be."""


@dataclass(frozen=True)
class JobMetrics:
    """The instruments of one worker."""

    registry: CollectorRegistry
    attempts: Counter
    duration: Histogram

    @classmethod
    def serve(cls, settings: Settings) -> "JobMetrics":
        """Instruments that Prometheus reads from ``APP_WORKER_METRICS_PORT``, if it is set.

        Raises:
            MetricsPortTaken: the address cannot be bound.
        """
        registry = CollectorRegistry()
        metrics = cls(
            registry=registry,
            attempts=Counter("job_attempts", "Attempts at jobs.", ["task", "outcome"], registry=registry),
            duration=Histogram(
                "job_duration_seconds", "Time of an attempt.", ["task"], registry=registry, buckets=BUCKETS
            ),
        )
        host, port = settings.worker.metrics_host, settings.worker.metrics_port
        if port is not None:
            try:
                start_http_server(port, host, registry)
            except OSError as error:
                reason = f"cannot serve metrics on {host}:{port}: {error.strerror or error}"
                raise MetricsPortTaken(reason) from error
        return metrics

    def record(self, task: str, outcome: str, seconds: float) -> None:
        """Count an attempt."""
        self.attempts.labels(task, outcome).inc()
        self.duration.labels(task).observe(seconds)
