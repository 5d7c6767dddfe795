"""Ten times the requests that the service can answer, as fast as they come, not as it answers (G13).

The rate is found first, by clients that wait for their answers. Then requests are sent at ten times that rate
over connections that stay open, as load balancers keep them, whether or not the earlier ones are answered.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.burst import allow_files
from tests.processes import Service, joined, serving
from tests.support import make_settings

pytestmark = pytest.mark.faults
ROWS = 100  # of a page: a request that costs the service much more than a refusal, and than the client
CLIENTS = 16
INSISTING = 900
OPEN = 2000  # connections: most of those who wait must find one
FACTOR = 10
SECONDS = 15
BOUND = 2 * make_settings("postgresql://").db.pool_patience  # the default, and as much again for the rest
GOODPUT = 0.4  # of the capacity; without refusals it is none, and the client takes its share of the machine
INSISTENT = 0.6  # of the capacity, with clients that ask again at once: the others are served meanwhile
GROWTH = 1.5  # of memory
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Load:
    """Requests over connections that stay open, and what became of them."""

    host: str
    port: int
    request: bytes
    answers: list[tuple[int, float]] = field(default_factory=list)  # status, seconds

    @asynccontextmanager
    async def connected(self, number: int) -> AsyncIterator[list[Connection]]:
        """So many connections."""
        found = [await asyncio.open_connection(self.host, self.port) for _ in range(number)]
        yield list(found)
        for _, writer in found:
            writer.close()
            await writer.wait_closed()

    async def ask(self, connection: Connection) -> None:
        """Send one request and read its answer."""
        started = time.perf_counter()
        reader, writer = connection
        writer.write(self.request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        [length] = [line for line in head.split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(length.split(b":")[1]))
        self.answers.append((int(head.split()[1]), time.perf_counter() - started))

    async def in_turn(self, clients: int, seconds: float) -> None:
        """Each client asks when it has been answered."""
        end = time.perf_counter() + seconds

        async def client(connection: Connection) -> None:
            while time.perf_counter() < end:
                await self.ask(connection)

        async with self.connected(clients) as connections:
            await asyncio.gather(*map(client, connections))

    async def regardless(self, rate: float, seconds: float) -> None:
        """So many a second, on whichever connection is free, whether or not others are answered."""
        async with self.connected(OPEN) as idle, asyncio.TaskGroup() as running:

            async def one(connection: Connection) -> None:
                await self.ask(connection)
                idle.append(connection)

            started, sent = time.perf_counter(), 0
            while (passed := time.perf_counter() - started) < seconds:
                while sent < passed * rate and idle:
                    sent += 1
                    running.create_task(one(idle.pop(0)))  # none may idle: it would be closed
                sent = max(sent, int(passed * rate))  # what found no connection is lost
                await asyncio.sleep(0.002)

    def seconds(self, status: int) -> list[float]:
        """How long the answers of a status took, in order."""
        return sorted(seconds for each, seconds in self.answers if each == status)


async def test_most_of_the_capacity_is_used_the_rest_is_told_at_once_and_it_is_over_when_it_is_over(
    database_url: str,
) -> None:
    allow_files(OPEN)
    with serving(database_url) as service:
        new = await prepared(service)
        await new().in_turn(CLIENTS, 2)  # warm
        usual = new()
        await usual.in_turn(CLIENTS, 5)
        capacity, before = len(usual.answers) / 5, memory(service)

        crowd, probes = new(), new(b"/health")
        await asyncio.gather(crowd.regardless(capacity * FACTOR, SECONDS), probing(probes))
        after = new()
        await after.in_turn(1, 1)

        served, refused = crowd.seconds(HTTPStatus.OK), crowd.seconds(HTTPStatus.SERVICE_UNAVAILABLE)
        slowest = usual.seconds(HTTPStatus.OK)[-1]
        in_time = sum(seconds <= 2 * slowest + BOUND for seconds in served)
        print(  # noqa: T201 - figures for whoever runs it
            f"capacity {capacity:.0f}/s, goodput {in_time / SECONDS / capacity:.2f} of it,"
            f" served p50 {middle(served):.2f} s, p99 {served[int(0.99 * len(served))]:.2f} s,"
            f" refused {len(refused)}, p50 {middle(refused):.3f} s, first after {after.answers[0][1]:.3f} s,"
            f" health p50 {middle(probes.seconds(200)):.3f} s, slowest {slowest:.2f} s"
        )
        assert len(served) + len(refused) == len(crowd.answers)
        assert in_time >= GOODPUT * capacity * SECONDS
        assert middle(refused) < middle(served)
        assert {status for status, _ in probes.answers} == {HTTPStatus.OK}
        assert after.answers[0] <= (HTTPStatus.OK, 2 * slowest)
        assert memory(service) < GROWTH * before


async def test_clients_that_ask_again_at_once_take_little_from_the_others(database_url: str) -> None:
    allow_files(OPEN)
    with serving(database_url) as service, serving(database_url, APP_DB_POOL_PATIENCE="60") as other:
        rates: dict[str, float] = {}
        for each, name in ((other, "Bob"), (service, "Cora")):  # the same crowd: nobody refused, and some
            crowd = (await prepared(each, name))()
            await crowd.in_turn(INSISTING, SECONDS / 3)
            rates[each.url] = len(crowd.seconds(HTTPStatus.OK)) / (SECONDS / 3)
        refused = len(crowd.seconds(HTTPStatus.SERVICE_UNAVAILABLE))
        print(f"served {rates[service.url] / rates[other.url]:.2f} of the rate, refused {refused}")  # noqa: T201
        assert refused > INSISTING
        assert rates[service.url] >= INSISTENT * rates[other.url]


async def prepared(service: Service, name: str = "Ada") -> Callable[..., Load]:
    """Somebody with a page full of items, and a way to make load of it."""
    async with service.client() as client:
        ada = await joined(client, name)
        items = [{"title": f"Lamp {number}"} for number in range(ROWS)]
        assert (await ada.client.post("/items/bulk", json={"items": items})).status_code == HTTPStatus.CREATED
        token = ada.client.headers["Authorization"]
    url = urlsplit(service.url)
    page = f"/api/v1/items?limit={ROWS}".encode()

    def load(path: bytes = page) -> Load:
        request = b"GET %b HTTP/1.1\r\nHost: localhost\r\nAuthorization: %b\r\n\r\n" % (path, token.encode())
        return Load(url.hostname or "", url.port or 0, request)

    return load


def probing(load: Load) -> Coroutine[None, None, None]:
    """A balancer's probes, one after the other."""
    return load.in_turn(1, SECONDS)


def middle(seconds: list[float]) -> float:
    return seconds[len(seconds) // 2]


def memory(service: Service) -> int:
    """Resident memory, in KiB."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
