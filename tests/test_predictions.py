"""Predictions: of the model that ships, for anybody, of inputs that are checked first."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from app.core.config import Settings
from app.core.predictions import onnx_model
from app.core.predictions.settings import MAX_INPUTS
from app.core.predictions.versions import Versions
from app.main import create_app
from app.schemas.prediction import SEVEN
from tests.models import DIGITS, image
from tests.processes import ROOT
from tests.support import Person, assert_problem, make_settings, open_client, running

TOLERANCE = 1e-5  # between a score computed alone and one computed in company
JSON = {"Content-Type": "application/json"}
MEGABYTE = b"[0,0,0,0,0,0,0,0]," * 58_255


def held_out() -> tuple[list[str], list[Any]]:
    """Labels and images that the model has never seen."""
    with (ROOT / "tests/data/digits_held_out.csv").open() as file:
        rows = [(label, [int(pixel) for pixel in pixels]) for label, *pixels in csv.reader(file)]
    return [label for label, _ in rows], [
        [pixels[start : start + 8] for start in range(0, 64, 8)] for _, pixels in rows
    ]


async def predict(client: AsyncClient, *inputs: Any) -> Response:  # noqa: ANN401 - hostile ones, too
    return await client.post("/predictions", json={"inputs": inputs})


def scores(answer: Response) -> list[list[float]]:
    """Of each input, by label."""
    assert answer.status_code == 200, answer.text
    return [[each["scores"][str(digit)] for digit in range(10)] for each in answer.json()["predictions"]]


async def test_the_model_says_what_it_takes_and_what_it_is_worth(anonymous: AsyncClient) -> None:
    card = json.loads((DIGITS / "model.json").read_text())

    model = (await anonymous.get("/predictions/model")).json()

    assert (model["name"], model["version"]) == ("digits", 1)
    for name in ("description", "inputs", "labels", "accuracy", "measured_on", "example"):
        assert model[name] == card[name]
    assert model["id"].replace("-", "") == card["sha256"][:32]


async def test_a_digit_is_read_with_or_without_an_account(ada: Person, anonymous: AsyncClient) -> None:
    made = await ada.client.post("/api-keys", json={"name": "Import", "scopes": ["items:read"]})
    key = {"Authorization": f"Bearer {made.json()['key']}"}
    body = {"inputs": [SEVEN]}

    answers = [
        await anonymous.post("/predictions", json=body),
        await ada.client.post("/predictions", json=body),
        await anonymous.post("/predictions", json=body, headers=key),
    ]

    for answer in answers:
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["model"], found["version"]) == ("digits", 1)
        [prediction] = found["predictions"]
        assert prediction["label"] == "7"
        assert prediction["score"] == max(prediction["scores"].values()) > 0.9
        assert list(prediction["scores"].values()) == sorted(prediction["scores"].values(), reverse=True)
        assert sum(prediction["scores"].values()) == pytest.approx(1, abs=TOLERANCE)


async def test_the_slashed_form_is_answered_alike(anonymous: AsyncClient) -> None:
    answer = await anonymous.post("/predictions/", json={"inputs": [SEVEN]})

    assert answer.json()["predictions"][0]["label"] == "7"


async def test_a_token_that_is_none_is_refused_although_none_is_needed(anonymous: AsyncClient) -> None:
    for token in ("made.up.token", "sw_made_up"):
        answer = await anonymous.post(
            "/predictions", json={"inputs": [SEVEN]}, headers={"Authorization": f"Bearer {token}"}
        )

        assert_problem(answer, 401, "invalid-token")


async def test_the_stated_accuracy_is_that_on_images_the_model_has_never_seen(
    anonymous: AsyncClient,
) -> None:
    labels, images = held_out()
    stated = (await anonymous.get("/predictions/model")).json()["accuracy"]

    halves = [await predict(anonymous, *images[start : start + 225]) for start in (0, 225)]

    found = [each["label"] for half in halves for each in half.json()["predictions"]]
    right = [label for label, answer in zip(labels, found, strict=True) if label == answer]
    assert round(len(right) / len(labels), 4) == stated > 0.95


async def test_in_company_an_image_gets_the_scores_that_it_gets_alone(anonymous: AsyncClient) -> None:
    _, images = held_out()
    model = Versions(DIGITS.parent, onnx_model).newest()
    alone = [each for image in images for each in model.predict([image])]
    before = await calls(anonymous)

    together: list[Response] = []
    for start in range(0, len(images), 90):
        together += await asyncio.gather(*(predict(anonymous, image) for image in images[start : start + 90]))
    assert await calls(anonymous) - before < len(images) / 2
    batches = [await predict(anonymous, *images[start : start + 225]) for start in (0, 225)]

    for found in ([each for answer in answers for each in scores(answer)] for answers in (together, batches)):
        for one, other in zip(alone, found, strict=True):
            assert one == pytest.approx(other, abs=TOLERANCE)


async def calls(client: AsyncClient) -> float:
    """How often the model was asked."""
    metrics = (await client.get("http://localhost/metrics")).text
    return float(metrics.partition("\nprediction_batch_inputs_count ")[2].split()[0])


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        (image()[:7], "/inputs/0", "too_short"),
        ([*image(), image()[0]], "/inputs/0", "too_long"),
        ([[0.0] * 7, *image()[1:]], "/inputs/0/0", "too_short"),
        (image(-0.001), "/inputs/0/0/0", "greater_than_equal"),
        (image(16.001), "/inputs/0/0/0", "less_than_equal"),
        (["x" * 8, *image()[1:]], "/inputs/0/0", "list_type"),
        ([["0", *image()[0][1:]], *image()[1:]], "/inputs/0/0/0", "float_type"),
        ([[True, *image()[0][1:]], *image()[1:]], "/inputs/0/0/0", "float_type"),
        ([[None, *image()[0][1:]], *image()[1:]], "/inputs/0/0/0", "float_type"),
        ([[[0.0], *image()[0][1:]], *image()[1:]], "/inputs/0/0/0", "float_type"),
        ([0.0] * 64, "/inputs/0/0", "list_type"),
        ({"0": 0}, "/inputs/0", "list_type"),
        ([], "/inputs/0", "too_short"),
        (7, "/inputs/0", "list_type"),
    ],
)
async def test_an_input_of_another_shape_type_or_range_is_refused_at_its_place(
    anonymous: AsyncClient,
    wrong: Any,  # noqa: ANN401 - hostile
    pointer: str,
    code: str,
) -> None:
    first, second = await predict(anonymous, wrong), await predict(anonymous, SEVEN, wrong)

    problem = assert_problem(first, 422, "validation-failed")
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]
    problem = assert_problem(second, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == pointer.replace("/inputs/0", "/inputs/1", 1)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400, "1e-999999999999"])
async def test_a_number_that_is_none_is_refused(anonymous: AsyncClient, number: str) -> None:
    body = json.dumps({"inputs": [image(0.25)]}).replace("0.25", number)

    answer = await anonymous.post("/predictions", content=body, headers=JSON)

    if number.startswith("1e-"):  # so little ink is none
        assert answer.status_code == 200
    else:
        assert_problem(answer, 422, "validation-failed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": []},
        {"inputs": [SEVEN] * (MAX_INPUTS + 1)},
        {"inputs": SEVEN},
        {"inputs": {}},
        {"inputs": None},
        {"input": [SEVEN]},
        {"inputs": [SEVEN], "version": 1},
        [SEVEN],
    ],
)
async def test_a_body_without_inputs_or_with_more_is_refused(
    anonymous: AsyncClient,
    body: Any,  # noqa: ANN401 - hostile
) -> None:
    assert_problem(await anonymous.post("/predictions", json=body), 422, "validation-failed")


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"inputs": [' + b"[" * 900 + b"0" + b"]" * 900 + b"]}",
        b'{"inputs": ' + b'{"inputs":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
        b'{"inputs": [' + b"[" * 1000,
        b'{"inputs": [[' + b"[0]," * 200_000 + b"[0]]]}",
        b'{"inputs": [' + b"0," * 400_000 + b"0]}",
    ],
    ids=["deep", "deep enough to be read", "objects", "unclosed", "long image", "long batch"],
)
async def test_a_monstrous_tensor_is_refused_with_a_short_answer(anonymous: AsyncClient, body: bytes) -> None:
    answer = await anonymous.post("/predictions", content=body, headers=JSON)

    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code, answer.json()["type"].removeprefix("urn:problem:"))
    assert len(answer.content) < 1_000


@pytest.mark.parametrize("announced", [True, False])
async def test_a_hundred_megabytes_are_refused_unread(anonymous: AsyncClient, *, announced: bool) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for part in [b'{"inputs": [', *[MEGABYTE] * 100]:
            sent += 1
            yield part

    headers = JSON | ({"Content-Length": str(100 * len(MEGABYTE))} if announced else {})
    answer = await anonymous.post("/predictions", content=body(), headers=headers)

    assert_problem(answer, 413, "content-too-large")
    assert sent <= 2


async def test_predictions_count_for_the_account_or_else_for_the_address(
    settings: Settings, ada: Person
) -> None:
    limit = settings.limit.model_copy(update={"requests": 2, "anonymous_requests": 3})
    few = create_app(settings.model_copy(update={"limit": limit}))
    async with running(few) as service, open_client(service) as client:
        anonymous = [await predict(client, SEVEN) for _ in range(6)]
        model = await client.get("/predictions/model")
        client.headers["Authorization"] = ada.client.headers["Authorization"]
        hers = [await predict(client, SEVEN) for _ in range(5)]

    # The window slides: where a minute ends, one more may be let in.
    assert [answer.status_code for answer in (*anonymous[:3], *hers[:2])] == [200] * 5
    for refused in (anonymous[-1], hers[-1]):
        assert_problem(refused, 429, "too-many-requests")
    assert_problem(model, 429, "too-many-requests")
    assert anonymous[0].headers["ratelimit"].startswith('"address";r=2')
    assert hers[0].headers["ratelimit"].startswith('"requests";r=1')


@pytest.fixture(
    params=[
        pytest.param({"enabled": False}, id="switched off"),
        pytest.param({"runtime": "tests.data.no_runtime"}, id="not installed"),
    ]
)
def off(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


async def test_without_the_runtime_or_switched_off_there_are_no_predictions(
    database_url: str, off: dict[str, Any]
) -> None:
    async with (
        running(create_app(make_settings(database_url, predictions=off))) as service,
        open_client(service) as client,
    ):
        answers = [await predict(client, SEVEN), await client.get("/predictions/model")]

        assert (await client.get("http://localhost/health/ready")).status_code == 200
    for answer in answers:
        assert_problem(answer, 404, "predictions-disabled")


async def test_a_misspelt_runtime_stops_the_start(database_url: str) -> None:
    settings = make_settings(database_url, predictions={"runtime": "app.core.predictions.onyx"})

    with pytest.raises(ModuleNotFoundError, match="onyx"):
        async with running(create_app(settings)):
            pass
