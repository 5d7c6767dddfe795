"""How cost grows with each thing that grows: rows, routes, connections, items per page, workers."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from bench import database, many_routes
from bench.lineup import SERVICE, with_routes, with_workers
from bench.measure import Pace, sample
from bench.samples import SOUND, Cell, Figure, Sample, figure
from bench.servers import CPUS, Server, running
from bench.verify import with_cursors
from bench.workloads import WORKLOADS, Account, Request

ROUTES = (10, 100, 500)
CONNECTIONS = (10, 100, 500, 1_000, 2_000)
USUAL = 8  # connections, where it is something else that grows
LONGEST = 20.0  # seconds of one sample
PAGES = (1, 10, 50, 100)
NEWEST = 40  # items that are there when the cursor is asked for; all others are added on both sides of it
HEALTH, ITEM, ME = WORKLOADS[0], WORKLOADS[1], WORKLOADS[4]
PAGE = "/api/v1/items?limit={limit}&cursor={cursor}"


@dataclass(frozen=True)
class Point:
    """One size, and what is asked of whom at it."""

    size: int
    server: Server
    requests: Sequence[Request]
    url: str  # of the database
    connections: int = USUAL


@dataclass(frozen=True)
class Series:
    """What was measured at each size."""

    title: str
    grows: str  # in the plural
    figures: dict[int, Figure]


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    server: str  # PostgreSQL's
    url: str  # of a filled database there
    rounds: int
    seconds: float
    rows: Sequence[int]
    connections: Sequence[int]


def measure(title: str, grows: str, points: Sequence[Point], plan: Plan) -> Series:
    """Every size in turn, forth and back; the first time to warm up."""
    print(f"measuring   {title}", flush=True)
    samples: dict[int, list[Sample]] = defaultdict(list)
    for number in range(plan.rounds + 1):
        for point in points if number % 2 else points[::-1]:
            cell = Cell(title, point.connections)
            backends = asyncio.run(database.backends(point.url))
            pace = Pace(_seconds(point, samples[point.size], plan))
            samples[point.size].append(sample(point.server, cell, point.requests, pace, backends))
    return Series(title, grows, {point.size: figure(samples[point.size][1:]) for point in points})


def _seconds(point: Point, before: Sequence[Sample], plan: Plan) -> float:
    """Long enough for some requests on each connection, as far as one can tell from the sample before."""
    if not before:
        return plan.seconds
    rate = before[-1].answered / before[-1].load.seconds
    return min(max(plan.seconds, 1.5 * SOUND * point.connections / rate), LONGEST)


def rows(plan: Plan) -> Iterator[Series]:
    """Databases of every size, all up at once: one item, and a page in the middle of everybody's items."""
    with ExitStack() as stack:
        items, pages = [], []
        for size in plan.rows:
            print(f"seeding     {size:,} items", flush=True)
            url = stack.enter_context(database.seeded(plan.server, NEWEST))
            server = stack.enter_context(running(SERVICE, url))
            middle = in_the_middle(server, url, size)
            requests = ITEM.requests(asyncio.run(database.accounts(url)), {})
            items.append(Point(size, server, requests, url))
            pages.append(Point(size, server, [middle], url))
        yield measure("one item", "rows", items, plan)
        yield measure("a page of 50 in the middle of all items", "rows", pages, plan)


def in_the_middle(server: Server, url: str, size: int) -> Request:
    """The request for a page with half of all items before it, and half after it."""
    admin = asyncio.run(database.administrator(url))
    cursor = with_cursors(server, [admin])[0].cursor
    asyncio.run(database.add_items(url, -size // 2, 0))
    asyncio.run(database.add_items(url, NEWEST + 1, size // 2))
    return Request("GET", PAGE.format(limit=50, cursor=cursor), admin.token)


def routes(plan: Plan) -> Iterator[Series]:
    """The last of many routes."""
    with ExitStack() as stack:
        points = []
        for size in ROUTES:
            server = stack.enter_context(running(with_routes(size), plan.url))
            last = many_routes.LAST.format(domain=size // many_routes.ROUTES_OF_A_DOMAIN - 1)
            points.append(Point(size, server, [Request("GET", last)], plan.url))
        yield measure("the last of many more routes", "routes", points, plan)


def connections(plan: Plan) -> Iterator[Series]:
    """Many clients at once, with and without the database."""
    with service(plan.url) as (server, accounts):
        for workload in (HEALTH, ME):
            requests = workload.requests(accounts, {})
            points = [Point(size, server, requests, plan.url, size) for size in plan.connections]
            yield measure(workload.title, "connections", points, plan)


def pages(plan: Plan) -> Iterator[Series]:
    """Long pages."""
    with service(plan.url) as (server, accounts):
        points = []
        for size in PAGES:
            places = [(PAGE.format(limit=size, cursor=each.cursor), each.token) for each in accounts]
            points.append(Point(size, server, [Request("GET", *place) for place in places], plan.url))
        yield measure("a page", "items", points, plan)


def workers(plan: Plan) -> Iterator[Series]:
    """Processes that share the port; they, the load and PostgreSQL share all cores."""
    with ExitStack() as stack:
        points = []
        accounts = asyncio.run(database.accounts(plan.url))
        for size in range(1, max(2, len(CPUS)) + 1):
            server = stack.enter_context(running(with_workers(size), plan.url, CPUS))
            points.append(Point(size, server, ITEM.requests(accounts, {}), plan.url))
        yield measure("one item", "workers", points, plan)


@contextmanager
def service(url: str) -> Iterator[tuple[Server, list[Account]]]:
    """The service as ``make run`` starts it, and its clients."""
    with running(SERVICE, url) as server:
        yield server, with_cursors(server, asyncio.run(database.accounts(url)))


def noise(series: Sequence[Series]) -> float:
    """The cores that others used."""
    return median([each.foreign for one in series for each in one.figures.values()] or [0.0])


DIMENSIONS: dict[str, Callable[[Plan], Iterator[Series]]] = {
    "rows": rows,
    "routes": routes,
    "connections": connections,
    "pages": pages,
    "workers": workers,
}
