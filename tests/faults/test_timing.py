"""Time tells nothing: not who has an account, and not that others are logging in."""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count, cycle
from statistics import NormalDist

import httpx2
import pytest

from tests.processes import Service, serving
from tests.support import PASSWORD

pytestmark = pytest.mark.faults
SAMPLES = 200
ROUNDS = 3
ACCOUNTS = 150  # an account gets five mails an hour, and is asked for four times
KNOWN = cycle(f"user{number}@example.com" for number in range(ACCOUNTS))
UNKNOWN = (f"none{number}@example.com" for number in count())
Ask = Callable[[httpx2.AsyncClient, str], Awaitable[httpx2.Response]]
ADDRESSES = (f"198.18.{number // 250}.{number % 250}" for number in count())


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    """A served process behind a proxy, where each client comes from an address of its own."""
    with serving(
        database_url,
        APP_HTTP_TRUSTED_PROXIES="127.0.0.1",
        APP_AUTH_ARGON2_MEMORY_KIB="8192",
        APP_LOG_LEVEL="warning",
    ) as service:
        yield service


def p_value(one: list[float], other: list[float]) -> float:
    """The p-value of a Mann-Whitney U test, two-sided, by the normal approximation."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, group) in enumerate(ranked, 1) if group == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * (1 - NormalDist().cdf(abs(z)))


async def log_in(client: httpx2.AsyncClient, email: str) -> httpx2.Response:
    form = {"username": email, "password": "this is not the password"}
    return await client.post("/auth/token", data=form, headers={"X-Forwarded-For": next(ADDRESSES)})


async def reset(client: httpx2.AsyncClient, email: str) -> httpx2.Response:
    return await client.post(
        "/auth/password-reset", json={"email": email}, headers={"X-Forwarded-For": next(ADDRESSES)}
    )


async def compare(client: httpx2.AsyncClient, ask: Ask) -> tuple[float, float]:
    """How likely the two groups are alike, and by how much their medians differ."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    answers = set()
    turns = [True, False] * SAMPLES
    random.shuffle(turns)  # so that whatever else the machine does slows both groups down alike
    for exists in turns:
        email = next(KNOWN if exists else UNKNOWN)
        started = time.perf_counter()
        answer = await ask(client, email)
        seconds[exists].append(time.perf_counter() - started)
        answers.add((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
    assert len(answers) == 1
    medians = [statistics.median(samples) for samples in seconds.values()]
    return p_value(*seconds.values()), max(medians) / min(medians)


@pytest.mark.parametrize("ask", [log_in, reset])
async def test_two_hundred_answers_do_not_tell_who_has_an_account(service: Service, ask: Ask) -> None:
    async with service.client() as client:
        for number in range(ACCOUNTS):
            body = {"email": f"user{number}@example.com", "password": PASSWORD, "name": "Somebody"}
            assert (await client.post("/users", json=body)).status_code == 201

        # One comparison in a hundred is a false alarm; a real difference shows in all of them.
        compared = [await compare(client, ask) for _ in range(ROUNDS)]

    assert [each for each in compared if each[0] > 0.01 and each[1] < 1.05] != [], compared


async def test_fifty_logins_do_not_hold_up_the_event_loop(service: Service) -> None:
    async def ping(client: httpx2.AsyncClient) -> float:
        started = time.perf_counter()
        assert (await client.get(f"{service.url}/version")).status_code == 200
        return time.perf_counter() - started

    async with service.client() as client, service.client() as observer:
        body = {"email": "user0@example.com", "password": PASSWORD, "name": "Somebody"}
        await client.post("/users", json=body)
        quiet = [await ping(observer) for _ in range(50)]
        form = {"username": "user0@example.com", "password": PASSWORD}
        logins = asyncio.gather(*(client.post("/auth/token", data=form) for _ in range(50)))
        busy = []
        while not logins.done():
            busy.append(await ping(observer))
            await asyncio.sleep(0.005)

    assert {answer.status_code for answer in await logins} == {200}
    lag = statistics.quantiles(busy, n=20)[-1] - statistics.median(quiet)
    assert lag < 0.05, (lag, sorted(busy)[-5:])
