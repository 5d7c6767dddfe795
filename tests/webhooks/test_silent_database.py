"""A worker whose database falls silent while it sends: what it could not write down is sent again."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.faults.test_partitions import IMPATIENT
from tests.proxy import Proxy, proxied
from tests.queue.support import WorkerProcess, until, worker
from tests.receiving import receiving, status
from tests.webhooks.conftest import LOCAL
from tests.webhooks.support import SENDING, World


@pytest.fixture
async def proxy(webhook_url: str) -> AsyncIterator[Proxy]:
    async with proxied(webhook_url) as proxy:
        yield proxy


@pytest.fixture
async def crew(proxy: Proxy) -> AsyncIterator[WorkerProcess]:
    """A worker that can be cut off from its database."""
    with worker(proxy.url, SENDING, **LOCAL, **IMPATIENT) as process:
        yield process


async def test_what_was_sent_while_the_database_was_silent_is_sent_again_and_the_rest_arrives(
    world: World, proxy: Proxy
) -> None:
    release = asyncio.Event()

    async def answer(writer: asyncio.StreamWriter) -> None:
        await release.wait()
        await status(200)(writer)

    async def failures() -> int:
        return len(world.crew.logged(message="job", task="webhooks.deliver", outcome="failed"))

    async with receiving(answer) as receiver:
        hook = await world.listen(receiver)
        await world.make_item("first")
        await until(lambda: asked(receiver.requests), 1)
        with proxy.silence():
            await world.make_item("second")
            release.set()
            await until(failures, 1)  # the receiver has it, and the database knows nothing of that
        await hook.delivered(1)
        before = len(receiver.requests)
        await world.advance(150)  # by then, nobody can be sending the first one any more
        await world.minute()
        log = await hook.delivered(2)

    assert before == 2
    assert [[each["status_code"] for each in entry["attempts"]] for entry in log] == [[200], [200]]
    first, _, third = [each[1]["webhook-id"] for each in receiver.requests]
    assert first == third


async def asked(requests: Sequence[object]) -> int:
    return len(requests)
