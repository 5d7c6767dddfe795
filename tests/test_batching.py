"""Micro-batches: who waits, for how long, with whom, and what happens to those who cannot."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.predictions.settings import MAX_INPUTS
from app.core.predictions.turns import AT_ONCE, Turns
from app.main import create_app
from tests.models import POISON, RUNTIME, GatedModel, image, write_version
from tests.processes import eventually
from tests.support import Person, assert_problem, make_settings, open_client, running

LONG = 30  # seconds, for what must not end by itself


@pytest.fixture(autouse=True)
def gate() -> Iterator[None]:
    """Open at the start, so that the model is loaded, and at the end, so that its thread comes home."""
    GatedModel.gate.set()
    yield
    GatedModel.gate.set()


@pytest.fixture
async def start(database_url: str, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[ASGIApp]]]:
    """Start a service whose model waits for the gate."""
    write_version(tmp_path, 1, example={"input": image(), "label": "0"})
    async with AsyncExitStack() as stack:

        async def start(pool_size: int = 10, **predictions: Any) -> ASGIApp:  # noqa: ANN401 - settings
            chosen = {"folder": tmp_path, "runtime": RUNTIME, "deadline": LONG, **predictions}
            settings = make_settings(database_url, predictions=chosen, db={"pool_size": pool_size})
            service = await stack.enter_async_context(running(create_app(settings)))
            GatedModel.batches = ()
            return service

        yield start
        GatedModel.gate.set()


@asynccontextmanager
async def occupied(service: ASGIApp) -> AsyncIterator[AsyncClient]:
    """While this lasts, the only thread computes somebody's prediction."""
    async with open_client(service) as client:
        GatedModel.gate.clear()
        first = asyncio.create_task(predict(client, 1))
        await eventually(lambda: computing(1))
        yield client
        GatedModel.gate.set()
        assert (await first).status_code == 200


async def predict(client: AsyncClient, *firsts: float) -> Response:
    """Of images that differ in their first pixel."""
    return await client.post("/predictions", json={"inputs": [image(first) for first in firsts]})


async def computing(calls: int) -> bool:
    return len(GatedModel.batches) == calls


async def waiting(client: AsyncClient, requests: int) -> bool:
    """Whether so many requests are in the service, the scrape among them."""
    return await metric(client, "http_requests_in_flight") == requests + 1


async def metric(client: AsyncClient, name: str) -> float:
    lines = (await client.get("http://localhost/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


def labels(answer: Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["label"] for each in answer.json()["predictions"]]


Start = Callable[..., Awaitable[ASGIApp]]


async def test_those_who_wait_are_computed_together_and_each_gets_their_own(start: Start) -> None:
    async with occupied(await start()) as client:
        crowd = [asyncio.create_task(predict(client, number % 10)) for number in range(70)]
        await eventually(lambda: waiting(client, 71))

    found = [labels(await task) for task in crowd]
    assert found == [[str(number % 10)] for number in range(70)]
    assert GatedModel.batches == (1, 64, 6)


async def test_a_request_counts_by_its_inputs_and_is_never_torn_apart_between_batches(start: Start) -> None:
    async with occupied(await start()) as client:
        crowd = []
        for number, size in enumerate((40, 30, 200, 20)):
            crowd.append(asyncio.create_task(predict(client, *[number] * size)))
            await eventually(lambda: waiting(client, 1 + len(crowd)))

    assert [set(labels(await task)) for task in crowd] == [{"0"}, {"1"}, {"2"}, {"3"}]
    assert GatedModel.batches == (1, 40, 30, 64, 64, 64, 8, 20)


async def test_somebody_alone_waits_a_little_for_company_and_no_longer(start: Start) -> None:
    service = await start(max_wait=1)
    async with open_client(service) as client:
        loop = asyncio.get_running_loop()
        began = loop.time()
        first = asyncio.create_task(predict(client, 1))
        await eventually(lambda: waiting(client, 1))
        second = asyncio.create_task(predict(client, 2))
        answers = [await first, await second]

    assert [labels(answer) for answer in answers] == [["1"], ["2"]]
    assert 1 <= loop.time() - began < LONG
    assert GatedModel.batches == (2,)


async def test_a_full_queue_refuses_and_says_when_to_try_again(start: Start) -> None:
    async with occupied(await start(queue=MAX_INPUTS)) as client:
        crowd = [asyncio.create_task(predict(client, *[1] * (MAX_INPUTS - 6)))]
        await eventually(lambda: waiting(client, 2))

        refused = await predict(client, *[2] * 7)

        crowd += [asyncio.create_task(predict(client, *[3] * 6))]
        await eventually(lambda: waiting(client, 3))
        again = await predict(client, 4)
        counted = (await client.get("http://localhost/metrics")).text
    for answer in (refused, again):
        assert_problem(answer, 503, "prediction-queue-full")
        assert int(answer.headers["retry-after"]) > 0
    assert 'predictions_rejected_total{reason="full"} 2.0' in counted
    assert [len(labels(await task)) for task in crowd] == [MAX_INPUTS - 6, 6]


async def test_whoever_waits_too_long_is_told_so_and_is_not_computed(start: Start) -> None:
    service = await start(deadline=0.2)
    async with open_client(service) as client:
        GatedModel.gate.clear()
        late = await asyncio.gather(predict(client, 1), predict(client, 2, 3))
        GatedModel.gate.set()
        after = await predict(client, 4)
        counted = (await client.get("http://localhost/metrics")).text

    for answer in late:
        assert_problem(answer, 503, "prediction-too-late")
        assert int(answer.headers["retry-after"]) > 0
    assert labels(after) == ["4"]
    assert 'predictions_rejected_total{reason="late"} 2.0' in counted


async def test_a_client_that_hangs_up_leaves_the_queue_and_frees_its_place(start: Start) -> None:
    service = await start(queue=MAX_INPUTS)
    async with occupied(service) as client:
        gone = asyncio.Event()
        leaver = asyncio.create_task(hang_up(service, gone, [5] * MAX_INPUTS))
        await eventually(lambda: waiting(client, 2))
        assert_problem(await predict(client, 6), 503, "prediction-queue-full")

        gone.set()
        await leaver
        stayer = asyncio.create_task(predict(client, *[7] * MAX_INPUTS))
        await eventually(lambda: waiting(client, 2))
        counted = (await client.get("http://localhost/metrics")).text

    assert set(labels(await stayer)) == {"7"}
    assert GatedModel.batches == (1, 64, 64, 64, 64)  # nothing was computed for nobody
    assert 'predictions_rejected_total{reason="gone"} 1.0' in counted


async def hang_up(service: ASGIApp, gone: asyncio.Event, firsts: list[float]) -> None:
    """A request as a server hands it to the app, whose client goes away."""
    body = json.dumps({"inputs": [image(first) for first in firsts]}).encode()
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/predictions",
        "raw_path": b"/api/v1/predictions",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 4000),
        "server": ("localhost", 80),
    }
    await service(scope, receive, send)


async def test_an_input_that_the_model_fails_at_fails_alone(start: Start) -> None:
    async with occupied(await start()) as client:
        crowd = [asyncio.create_task(predict(client, first)) for first in (2, POISON, 3)]
        await eventually(lambda: waiting(client, 4))

    answers = [await task for task in crowd]
    assert_problem(answers[1], 500, "internal-server-error")
    assert [labels(answer) for answer in (answers[0], answers[2])] == [["2"], ["3"]]
    assert GatedModel.batches == (1, 3, 1, 1, 1)


async def test_those_who_wait_for_the_model_hold_no_connection_to_the_database(
    start: Start, ada: Person
) -> None:
    service = await start(pool_size=1)
    async with occupied(service) as client:
        client.headers["Authorization"] = ada.client.headers["Authorization"]
        crowd = [asyncio.create_task(predict(client, 2)) for _ in range(20)]
        await eventually(lambda: waiting(client, 21))

        assert (await client.get("/items")).status_code == 200

    assert {tuple(labels(await task)) for task in crowd} == {("2",)}


async def test_the_metrics_tell_sizes_and_times(start: Start) -> None:
    service = await start()
    async with open_client(service) as client:
        async with occupied(service):
            crowd = [asyncio.create_task(predict(client, 2)) for _ in range(9)]
            await eventually(lambda: waiting(client, 10))
            await asyncio.sleep(0.1)
        assert {tuple(labels(await task)) for task in crowd} == {("2",)}

        assert await metric(client, "prediction_batch_inputs_count") == 2
        assert await metric(client, "prediction_batch_inputs_sum") == 10
        assert await metric(client, "prediction_queue_seconds_count") == 10
        assert await metric(client, "prediction_queue_seconds_sum") > 9 * 0.1
        assert await metric(client, "prediction_inference_seconds_count") == 2
        assert await metric(client, "prediction_inference_seconds_sum") > 0.1


async def test_a_burst_is_let_in_a_few_at_a_time_and_nobody_else_waits() -> None:
    begun: list[tuple[str, int]] = []
    turn = 0

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        begun.append((scope["path"], turn))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        pass

    layer = Turns(app, "/predictions")
    paths = ["/predictions"] * (3 * AT_ONCE + 1) + ["/health"]
    tasks = [asyncio.create_task(layer({"type": "http", "path": path}, receive, send)) for path in paths]
    for turn in range(20):  # noqa: B007 - the app reads it
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)

    turns = [number for path, number in begun if path == "/predictions"]
    assert ("/health", 0) in begun
    assert len(turns) == 3 * AT_ONCE + 1
    assert max(turns.count(number) for number in turns) == AT_ONCE
