"""What a worker measures, on a port of its own."""

import socket

import asyncpg
import httpx2
import pytest

from tests.processes import DEVELOPMENT, PLAIN, assert_one_clear_line, environment, free_port, run
from tests.queue import errands
from tests.queue.support import APP, enqueue_all, statuses, until, worker


async def test_a_worker_counts_and_times_its_attempts_by_task_and_outcome(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    port = free_port()
    with worker(queue_url, APP_WORKER_METRICS_PORT=str(port)):
        await enqueue_all(queue_url, errands.NOTE, {"words": "a"}, {"words": "b"})
        await enqueue_all(queue_url, errands.FAIL, {})
        await until(lambda: statuses(jobs), {"succeeded": 2, "failed": 1})
        lines = httpx2.get(f"http://127.0.0.1:{port}/metrics", verify=PLAIN).text.splitlines()

    attempts = 1 + len(errands.FAIL.delays)
    assert 'job_attempts_total{outcome="succeeded",task="errand.note"} 2.0' in lines
    assert f'job_attempts_total{{outcome="failed",task="errand.fail"}} {attempts}.0' in lines
    assert 'job_duration_seconds_count{task="errand.note"} 2.0' in lines


@pytest.mark.parametrize("host", ["127.0.0.1", "203.0.113.7"])
def test_a_worker_refuses_a_metrics_address_that_it_cannot_have(queue_url: str, host: str) -> None:
    """Taken by another, or not of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        where = {"APP_WORKER_METRICS_PORT": port, "APP_WORKER_METRICS_HOST": host}
        result = run(APP, environment(queue_url, **DEVELOPMENT, **where))

    assert_one_clear_line(result, f"cannot serve metrics on {host}:{port}")
