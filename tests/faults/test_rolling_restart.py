"""Two instances behind HAProxy are replaced one after the other, and no client notices."""

import asyncio
import itertools
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.processes import DEVELOPMENT, Service, environment, eventually, free_port, joined, started

HAPROXY = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(HAPROXY is None, reason="no haproxy: apt-get install haproxy"),
]
CLIENTS, RESTARTS = 40, 6
# It tries nothing twice, so that it hides nothing.
CONFIGURATION = """
defaults
    mode http
    retries 0
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout check 10s
frontend api
    bind 127.0.0.1:{port}
    stats enable
    stats uri /stats
    default_backend instances
backend instances
    option httpchk GET /health/ready
    http-check send hdr Host 127.0.0.1
    default-server check inter 200ms fall 1 rise 1
    server one 127.0.0.1:{one}
    server two 127.0.0.1:{two}
"""


@contextmanager
def balancing(folder: Path, one: int, two: int) -> Iterator[str]:
    """HAProxy before two ports; where it listens."""
    port = free_port()
    file = folder / "haproxy.cfg"
    file.write_text(CONFIGURATION.format(port=port, one=one, two=two))
    process = subprocess.Popen([str(HAPROXY), "-q", "-db", "-f", str(file)])  # noqa: S603 - our own command
    try:
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def instance(database_url: str, port: int) -> Iterator[Service]:
    env = environment(database_url, **DEVELOPMENT | {"APP_HTTP_DRAIN": "3"})
    with started(["-m", "app", "serve", "--port", str(port)], port, env, health="/health/ready") as service:
        yield service


async def ask_for_ever(url: str, token: str, seen: Counter[str]) -> None:
    """One browser tab: its connection is kept alive, and opened again only when it was closed politely."""
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": token}, timeout=30) as client:
        for number in itertools.count():
            try:
                if number % 4:
                    answer = await client.get("/items", params={"limit": 1})
                else:
                    answer = await client.post("/items", json={"title": "Lamp"})
                seen[str(answer.status_code)] += 1
            except httpx2.TransportError as error:
                seen[type(error).__name__] += 1
            await asyncio.sleep(0.5)  # a person, not a load test


async def test_replacing_each_instance_three_times_fails_no_request(
    database_url: str, tmp_path: Path
) -> None:
    ports = [free_port(), free_port()]
    seen: Counter[str] = Counter()
    with ExitStack() as stack, balancing(tmp_path, *ports) as url:
        running = [stack.enter_context(instance(database_url, port)) for port in ports]
        await eventually(lambda: are_up(url))
        async with httpx2.AsyncClient(base_url=url) as client:
            token = (await joined(client, "Ada")).client.headers["Authorization"]
        clients = [asyncio.create_task(ask_for_ever(url, token, seen)) for _ in range(CLIENTS)]
        for number in range(RESTARTS):
            old, port = running[number % 2], ports[number % 2]
            assert await old.stop() == 0
            running[number % 2] = await asyncio.to_thread(stack.enter_context, instance(database_url, port))
            await eventually(lambda: are_up(url))
        for each in clients:
            each.cancel()

    assert seen.keys() == {"200", "201"}, seen
    assert seen.total() > CLIENTS * RESTARTS


async def are_up(url: str) -> bool:
    """Whether the balancer sends requests to both."""
    async with httpx2.AsyncClient() as client:
        lines = (await client.get(httpx2.URL(url).join("/stats;csv"))).text.splitlines()
    return sum(line.startswith("instances,") and ",UP," in line for line in lines) == 3  # and the backend
