"""What a worker measures, on a port of its own."""

import asyncpg
import httpx2

from tests.processes import free_port
from tests.queue import errands
from tests.queue.support import enqueue_all, statuses, until, worker


async def test_a_worker_counts_and_times_its_attempts_by_task_and_outcome(
    queue_url: str, jobs: asyncpg.Connection
) -> None:
    port = free_port()
    with worker(queue_url, APP_WORKER_METRICS_PORT=str(port)):
        await enqueue_all(queue_url, errands.NOTE, {"words": "a"}, {"words": "b"})
        await enqueue_all(queue_url, errands.FAIL, {})
        await until(lambda: statuses(jobs), {"succeeded": 2, "failed": 1})
        lines = httpx2.get(f"http://127.0.0.1:{port}/metrics").text.splitlines()

    attempts = 1 + len(errands.FAIL.delays)
    assert 'job_attempts_total{outcome="succeeded",task="errand.note"} 2.0' in lines
    assert f'job_attempts_total{{outcome="failed",task="errand.fail"}} {attempts}.0' in lines
    assert 'job_duration_seconds_count{task="errand.note"} 2.0' in lines
