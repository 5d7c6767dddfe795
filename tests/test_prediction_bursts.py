"""The real process under many predictions at once: short forms of tests/faults/test_prediction_bursts.py."""

import asyncio

import pytest

from tests.burst import connect_and_post
from tests.models import image
from tests.naive import BATCHED, NAIVE, measure, serving_both

REQUESTS = 150
TOLERANCE = 1e-5


async def test_a_burst_is_answered_several_times_as_fast_as_by_a_model_called_inline(
    database_url: str,
) -> None:
    with serving_both(database_url) as service:
        naive = await measure(service, NAIVE, REQUESTS)
        batched = await measure(service, BATCHED, REQUESTS)

    assert naive.burst.statuses == batched.burst.statuses == {200}
    assert len(batched.burst.replies) == REQUESTS
    assert batched.burst.rate > 3 * naive.burst.rate
    assert sum(batched.busy) < sum(naive.busy) / 2  # the loop's thread computes nothing
    for one, other in zip(naive.burst.replies, batched.burst.replies, strict=True):
        [alone], [in_company] = one.body["predictions"], other.body["predictions"]
        assert alone["scores"] == pytest.approx(in_company["scores"], abs=TOLERANCE)


async def test_clients_that_hang_up_are_not_computed_and_the_others_are_answered(database_url: str) -> None:
    with serving_both(database_url, APP_PREDICTIONS_MAX_WAIT="1") as service:
        body = {"inputs": [image()]}
        leavers = [await connect_and_post(service.url + BATCHED, body) for _ in range(20)]
        stayers = asyncio.create_task(measure(service, BATCHED, 30))
        await asyncio.sleep(0.2)
        for _, writer in leavers:
            writer.close()

        assert (await stayers).burst.statuses == {200}
        counted = service.get("/metrics").text

    assert 'predictions_rejected_total{reason="gone"} 20.0' in counted
    assert "prediction_batch_inputs_sum 30.0" in counted
