"""What Prometheus scrapes. Labels are bounded: route templates, never paths."""

import os
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"


disable_created_metrics()  # type: ignore[no-untyped-call]  # a time of creation beside every series doubles their number


@dataclass(frozen=True)
class Metrics:
    """The instruments of one process."""

    registry: CollectorRegistry
    requests: Counter
    duration: Histogram
    shed: Counter
    in_flight: Gauge
    connections: Gauge
    connections_in_use: Gauge
    queue_jobs: Gauge
    queue_oldest: Gauge

    def expose(self) -> bytes:
        """The text Prometheus reads: of all worker processes where there are several."""
        registry = self.registry
        folder = os.environ.get(MULTIPROCESS_DIR)  # shipworthy: ignore[SW502] -- its library reads it, too
        if folder:
            _forget_the_dead(Path(folder))
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def _forget_the_dead(folder: Path) -> None:
    """Drop the gauges of workers that were killed: what they held is no longer held."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def create_metrics() -> Metrics:
    """Instruments in a registry of their own, so that one process can hold several apps."""
    registry = CollectorRegistry()

    def gauge(name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=registry, multiprocess_mode="livesum")

    def of_queues(name: str, text: str, *labels: str) -> Gauge:  # every process measures the same queue
        return Gauge(name, text, labels, registry=registry, multiprocess_mode="livemostrecent")

    labels = ["method", "route"]
    return Metrics(
        registry=registry,
        requests=Counter("http_requests", "Requests answered.", [*labels, "status"], registry=registry),
        duration=Histogram("http_request_duration_seconds", "Time to answer.", labels, registry=registry),
        shed=Counter("http_requests_shed", "Requests refused as too many.", registry=registry),
        in_flight=gauge("http_requests_in_flight", "Requests being answered."),
        connections=gauge("db_pool_connections", "Open connections to PostgreSQL."),
        connections_in_use=gauge("db_pool_connections_in_use", "Connections held by a request."),
        queue_jobs=of_queues("queue_jobs", "Jobs that are waiting, running or dead.", "queue", "state"),
        queue_oldest=of_queues("queue_oldest_seconds", "How long the oldest job has been due.", "queue"),
    )
