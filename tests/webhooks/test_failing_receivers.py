"""G17: a receiver may be away for an hour: nobody else notices, and all arrives later, in good order."""

import asyncio
import json
import signal
from datetime import timedelta

import pytest

from app.core.webhooks.schedule import DELAYS, JITTER, next_delay
from app.services.event_service import AT_ONCE
from tests.receiving import Answering, Receiver, receiving, say, status
from tests.webhooks.support import Endpoint, World

HOUR = 3600
SCHEDULE = 90 * HOUR  # and more than that has passed at its end


class Crowd:
    """Counts how many requests a receiver has at the same time."""

    def __init__(self, seconds: float) -> None:
        self.now = self.most = 0
        self.seconds = seconds

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        await status(200)(writer)


async def test_all_that_a_receiver_missed_in_an_hour_arrives_once_it_is_back(world: World) -> None:
    """The clock is moved in the database, some minutes at a time; the worker and the receiver are real."""
    async with receiving(status(503)) as receiver, receiving(status(200)) as healthy:
        hook = await world.listen(receiver)
        other = await world.listen(healthy, person=world.bob)
        titles = set()
        for number in range(40):
            titles.add((await world.make_item(f"Lamp {number}"))["title"])
            await world.make_item(person=world.bob)
            await world.advance(90)
        await other.delivered(40)  # meanwhile, without delay
        attempts_while_away = len(receiver.requests)
        receiver.requests.clear()
        receiver.answer = crowd = Crowd(0.02)
        for _ in range(8):
            await world.advance(1500)
        log = await hook.deliveries(status="succeeded")

        bodies = [json.loads(body) for _, _, body in receiver.requests]
        assert {body["data"]["title"] for body in bodies} == titles
        assert len(log) == len(bodies) == 40  # each once
        assert attempts_while_away <= 80  # about one a minute, however much waits
        assert crowd.most <= AT_ONCE


async def test_a_message_is_tried_on_the_schedule_of_the_specification_and_then_given_up(
    world: World,
) -> None:
    async with receiving(status(500)) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        await world.settle()
        waits = []
        while (entry := (await hook.deliveries())[0])["status"] == "pending":
            [due] = await world.database.fetch(
                "SELECT next_attempt_at - now() AS left FROM webhook_deliveries"
            )
            waits.append(due["left"].total_seconds())
            await world.advance(waits[-1] + 1)

        assert len(receiver.requests) == len(DELAYS) + 1
        assert entry["status"] == "failed"
        assert [each["status_code"] for each in entry["attempts"]] == [500] * (len(DELAYS) + 1)
        for wait, delay in zip(waits, DELAYS, strict=True):
            assert delay - 5 < wait <= delay * (1 + JITTER)
        assert not await hook.is_active()  # nothing has arrived in all these days
        assert await actions(world, hook) == ["webhook.created", "webhook.disabled"]


async def actions(world: World, hook: Endpoint) -> list[str]:
    rows = await world.database.fetch(
        "SELECT action FROM audit_events WHERE target_id = $1 ORDER BY created_at", hook.row["id"]
    )
    return [row["action"] for row in rows]


def test_delays_differ_so_that_what_failed_together_does_not_come_back_together() -> None:
    for tries, delay in enumerate(DELAYS, 1):
        found = {next_delay(tries) for _ in range(50)}
        assert len(found) > 40
        assert all(
            timedelta(seconds=delay) <= each <= timedelta(seconds=delay * 1.2) for each in found if each
        )
    assert next_delay(len(DELAYS) + 1) is None


async def test_a_message_that_is_refused_for_ever_does_not_disable_an_endpoint_that_takes_others(
    world: World,
) -> None:
    async with receiving(status(422)) as receiver:
        hook = await world.listen(receiver)
        await world.make_item("poison")
        await world.settle()
        receiver.answer = only("poison", 422, receiver)
        for _ in range(20):
            await world.advance(6 * HOUR)
            await world.make_item("good")
            await world.settle()
        log = await hook.deliveries()

        assert [each["status"] for each in log] == ["failed"] + ["succeeded"] * 20
        assert await hook.is_active()


def only(title: str, code: int, receiver: Receiver) -> Answering:
    """Refuse what has this title."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        refused = json.loads(receiver.requests[-1][2])["data"]["title"] == title
        await status(code if refused else 200)(writer)

    return answer


async def test_410_disables_the_endpoint_at_once_and_nothing_more_is_sent(world: World) -> None:
    async with receiving(status(410)) as receiver, receiving(status(200)) as other:
        hook, healthy = await world.listen(receiver), await world.listen(other)
        await world.make_item()
        await world.settle()
        assert not await hook.is_active()
        await world.make_item()
        await world.advance(SCHEDULE)
        await healthy.delivered(2)

        assert len(receiver.requests) == 1
        assert [each["status"] for each in await hook.deliveries()] == ["failed"]
        assert await actions(world, hook) == ["webhook.created", "webhook.disabled"]


@pytest.mark.parametrize("code", [429, 503])
async def test_retry_after_is_honoured_for_everything_that_waits(world: World, code: int) -> None:
    async with receiving(status(code, "Retry-After: 600")) as receiver:
        await world.listen(receiver)
        await world.make_item()
        await world.settle()
        receiver.answer = status(200)
        await world.make_item()
        await world.advance(500)
        early = len(receiver.requests)
        await world.advance(300)

        assert (early, len(receiver.requests)) == (1, 3)


@pytest.mark.parametrize("wrong", ["soon", "-5", "99999999999999999999", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_a_strange_retry_after_neither_fails_nor_stops_an_endpoint(world: World, wrong: str) -> None:
    async with receiving(status(503, f"Retry-After: {wrong}")) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        await world.settle()
        receiver.answer = status(200)
        await world.advance(1.3 * HOUR)

        assert [each["status"] for each in await hook.deliveries()] == ["succeeded"]


async def test_a_receiver_gets_no_more_than_a_few_messages_at_a_time(world: World) -> None:
    crowd = Crowd(0.3)
    async with receiving(crowd) as receiver:
        hook = await world.listen(receiver)
        world.crew.send(signal.SIGSTOP)  # so that all its jobs start at the same time
        for _ in range(40):
            await world.make_item()
        world.crew.send(signal.SIGCONT)
        await hook.delivered(40)
        await world.settle()

    assert len({each[1]["webhook-id"] for each in receiver.requests}) == len(receiver.requests) == 40
    assert 1 < crowd.most <= AT_ONCE


async def test_a_receiver_that_speaks_no_http_is_a_failure_like_others(world: World) -> None:
    async with receiving(say("hello\r\n\r\n")) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        await world.settle()
        [entry] = await hook.deliveries()

    assert entry["status"] == "pending"
    assert [(each["status_code"], each["error"]) for each in entry["attempts"]] == [(None, "no proper HTTP")]
