"""Receivers that never answer keep a worker busy, and nobody else waiting; not even if it is killed."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from app.services.event_service import AT_ONCE
from tests.processes import eventually
from tests.queue.support import WorkerProcess, worker
from tests.receiving import Receiver, receiving, status
from tests.webhooks.conftest import LOCAL
from tests.webhooks.support import SENDING, World


@pytest.fixture
def crew(webhook_url: str) -> Iterator[WorkerProcess]:
    """A worker of its own: it is kept waiting, or killed."""
    with worker(webhook_url, SENDING, **LOCAL) as process:
        yield process


async def hang(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(600)


async def test_receivers_that_never_answer_delay_nobody_else(world: World) -> None:
    async with AsyncExitStack() as stack:
        hanging = [await stack.enter_async_context(receiving(hang)) for _ in range(5)]
        healthy = await stack.enter_async_context(receiving(status(200)))
        hooks = [await world.listen(receiver) for receiver in hanging]
        bobs = await world.listen(healthy, person=world.bob)
        for _ in range(AT_ONCE + 3):
            await world.make_item()
        for _ in range(10):
            await world.make_item(person=world.bob)
        await bobs.delivered(10)

        logs = [await hook.deliveries() for hook in hooks]
        assert [each["attempts"] for log in logs for each in log if each["attempts"]] == []  # all still wait
        assert {len(receiver.requests) for receiver in hanging} == {AT_ONCE}
        for log in logs:
            assert sorted(each["status"] for each in log) == ["pending"] * 3 + ["sending"] * AT_ONCE


async def test_what_a_killed_worker_was_sending_is_sent_by_another(webhook_url: str, world: World) -> None:
    async with receiving(hang) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        await eventually(lambda: asked(receiver))
        world.crew.process.kill()
        receiver.answer = status(200)
        with worker(webhook_url, SENDING, **LOCAL) as heir:
            await heir.is_up()
            await world.settle()
            await world.advance(20)  # its job was given to the heir, who finds the message taken
            early = len(receiver.requests)
            await world.advance(150)  # by then, the dead worker cannot be sending it any more
            await world.minute()
            [entry] = await hook.delivered()

        assert early == 1
        assert [each["status_code"] for each in entry["attempts"]] == [200]
        first, second = receiver.requests
        assert first[1]["webhook-id"] == second[1]["webhook-id"]


async def asked(receiver: Receiver) -> bool:
    return bool(receiver.requests)
