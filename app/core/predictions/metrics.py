"""What predictions add to the metrics."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(frozen=True)
class PredictionMetrics:
    """The instruments of one app."""

    batch: Histogram
    queued: Histogram
    inference: Histogram
    rejected: Counter


def create_prediction_metrics(registry: CollectorRegistry) -> PredictionMetrics:
    """Instruments in the registry of the app."""

    def seconds(name: str, text: str) -> Histogram:
        return Histogram(name, text, buckets=SECONDS, registry=registry)

    return PredictionMetrics(
        batch=Histogram("prediction_batch_inputs", "Inputs of a batch.", buckets=BATCHES, registry=registry),
        queued=seconds("prediction_queue_seconds", "Time a request waited for its batch."),
        inference=seconds("prediction_inference_seconds", "Time to compute a batch."),
        rejected=Counter(
            "predictions_rejected",
            "Requests without an answer: queue full, deadline passed, client gone.",
            ["reason"],
            registry=registry,
        ),
    )
