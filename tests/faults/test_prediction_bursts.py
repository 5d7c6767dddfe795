"""Two thousand predictions at once against the real process, beside a handler that calls the model inline.

Both handlers are in one process and run in turn. The model is the recurrent one, which takes about ten
milliseconds for one input; the one that ships takes ten microseconds, which is lost in what HTTP costs. How
busy the event loop was between two appointments is CPU time of its thread: others cannot lengthen it.
"""

import pytest

from tests.naive import BATCHED, NAIVE, NOTHING, measure, serving_both

pytestmark = pytest.mark.faults
REQUESTS = 2_000
INLINE = 400  # of the slow way, which keeps the same pace however many there are
DEADLINE = 30  # seconds; more than the default, for machines that do something else meanwhile
LAG = 0.02
TOLERANCE = 1e-5


async def test_two_thousand_at_once_are_answered_in_time_and_five_times_as_fast(database_url: str) -> None:
    with serving_both(database_url, APP_PREDICTIONS_DEADLINE=str(DEADLINE)) as service:
        naive = await measure(service, NAIVE, INLINE)
        batched = await measure(service, BATCHED, REQUESTS)
        nothing = await measure(service, NOTHING, REQUESTS)

    assert naive.burst.statuses == batched.burst.statuses == {200}
    assert len(batched.burst.replies) == REQUESTS
    assert batched.burst.rate >= 5 * naive.burst.rate
    assert batched.burst.quantile(0.99) <= DEADLINE
    # To take in two thousand requests at once keeps the loop busy, whatever they ask for.
    assert batched.busy[-1] < nothing.busy[-1] + LAG
    for one, other in zip(naive.burst.replies, batched.burst.replies, strict=False):
        [alone], [in_company] = one.body["predictions"], other.body["predictions"]
        assert alone["scores"] == pytest.approx(in_company["scores"], abs=TOLERANCE)


async def test_under_steady_load_the_event_loop_keeps_its_appointments(database_url: str) -> None:
    with serving_both(database_url) as service:
        batched = await measure(service, BATCHED, REQUESTS, at_once=64)
        naive = await measure(service, NAIVE, REQUESTS // 10, at_once=64)

    assert batched.burst.statuses == {200}
    assert batched.busy[int(0.99 * len(batched.busy))] < LAG
    assert naive.busy[int(0.99 * len(naive.busy))] > LAG  # which this notices


async def test_more_than_can_be_computed_is_refused_by_the_deadline_and_nothing_is_lost(
    database_url: str,
) -> None:
    slow = {
        "APP_PREDICTIONS_MAX_BATCH": "1",
        "APP_PREDICTIONS_DEADLINE": "1",
        "APP_PREDICTIONS_QUEUE": "1000",
    }
    with serving_both(database_url, APP_PREDICTIONS_DEADLINE=str(DEADLINE)) as service:
        fast = await measure(service, BATCHED, REQUESTS)
    with serving_both(database_url, **slow) as service:
        crowd = await measure(service, BATCHED, REQUESTS)
        after = await measure(service, BATCHED, 10)

    assert len(crowd.burst.replies) == REQUESTS
    assert crowd.burst.statuses == {200, 503}
    refused = {reply.body["type"] for reply in crowd.burst.replies if reply.status == 503}
    assert refused <= {"urn:problem:prediction-queue-full", "urn:problem:prediction-too-late"}
    assert crowd.burst.quantile(0.99) <= 1 + 2 * fast.burst.quantile(0.99)  # to be refused costs HTTP, too
    assert after.burst.statuses == {200}
