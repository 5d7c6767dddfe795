"""Versions of the model: the newest that is whole serves, and changing it fails no request."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient, Response
from starlette.types import ASGIApp

from app.commands.create_admin import add_admin
from app.main import create_app
from app.schemas.prediction import SEVEN
from app.schemas.user import UserCreate
from tests.models import DIGITS, image, write_version
from tests.processes import eventually
from tests.support import PASSWORD, Person, assert_problem, make_settings, open_client, running

RELOAD = "/predictions/model/reload"
SOON = {"refresh": 0.05}
CARD = json.loads((DIGITS / "model.json").read_text())
Start = Callable[..., Awaitable[AsyncClient]]


@pytest.fixture
async def start(database_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Start a service with the models in a folder of this test's own; its client is an administrator's."""
    async with AsyncExitStack() as stack:

        async def start(**predictions: Any) -> AsyncClient:  # noqa: ANN401 - settings
            settings = make_settings(database_url, predictions={"folder": tmp_path, **predictions})
            service: ASGIApp = await stack.enter_async_context(running(create_app(settings)))
            client = await stack.enter_async_context(open_client(service))
            person = Person("Grace", client)
            await add_admin(settings, UserCreate.model_validate(person.registration | {"password": PASSWORD}))
            await person.log_in()
            return client

        yield start


async def predict(client: AsyncClient) -> Response:
    return await client.post("/predictions", json={"inputs": [SEVEN]})


async def serves(client: AsyncClient, version: int) -> bool:
    return bool((await client.get("/predictions/model")).json().get("version") == version)


@pytest.mark.usefixtures("empty_trail")
async def test_a_new_version_is_picked_up_without_a_failed_request(
    start: Start, tmp_path: Path, database: asyncpg.Connection
) -> None:
    write_version(tmp_path, 9)
    client = await start()
    answers: list[Response] = []
    done = asyncio.Event()

    async def keep_asking() -> None:
        while not done.is_set():
            answers.append(await predict(client))

    asking = [asyncio.create_task(keep_asking()) for _ in range(8)]
    await eventually(lambda: at_least(answers, 20))
    write_version(tmp_path, 10, accuracy=0.5)  # newer as a number, not as a word

    reloaded = await client.post(RELOAD)

    seen = len(answers)
    await eventually(lambda: at_least(answers, seen + 20))
    done.set()
    await asyncio.gather(*asking)
    assert (reloaded.status_code, reloaded.json()["version"], reloaded.json()["accuracy"]) == (200, 10, 0.5)
    assert {answer.status_code for answer in answers} == {200}
    versions = [answer.json()["version"] for answer in answers]
    assert set(versions) == {9, 10}
    assert set(versions[-8:]) == {10}
    event = await database.fetchrow("SELECT * FROM audit_events WHERE action = 'prediction_model.loaded'")
    assert str(event["target_id"]) == reloaded.json()["id"]
    assert str(event["actor_id"]) == (await client.get("/users/me")).json()["id"]


async def at_least(answers: list[Response], number: int) -> bool:
    return len(answers) >= number


def other(**changes: Any) -> Callable[[Path], object]:  # noqa: ANN401 - fields of a card
    return lambda folder: write_version(folder, 2, **changes)


def without(name: str) -> Callable[[Path], object]:
    return lambda folder: (write_version(folder, 2) / name).unlink()


def card_of(text: str) -> Callable[[Path], object]:
    return lambda folder: (write_version(folder, 2) / "model.json").write_text(text)


INPUTS = CARD["inputs"]
BREAKAGES: dict[str, Callable[[Path], object]] = {
    "cut off": lambda folder: (write_version(folder, 2) / "model.onnx").write_bytes(b"\x08"),
    "another checksum": other(sha256="0" * 64),
    "no model": other(content=b"this is no model"),
    "an empty model": other(content=b""),
    "no file": without("model.onnx"),
    "no card": without("model.json"),
    "an empty card": card_of(""),
    "a card that is no JSON": card_of("{"),
    "a card of nothing": card_of("{}"),
    "an unknown field": other(licence="MIT"),
    "a file elsewhere": other(file="../1/model.onnx"),
    "another label": other(example={"input": SEVEN, "label": "3"}),
    "an example out of range": other(example={"input": image(17), "label": "7"}),
    "fewer labels": other(labels=["odd", "even"], example={"input": SEVEN, "label": "odd"}),
    "other labels": other(labels=[*"abcdefghij"], example={"input": SEVEN, "label": "h"}),
    "another shape": other(inputs=INPUTS | {"shape": [64]}),
    "another range": other(inputs=INPUTS | {"maximum": 255}),
    "another type": other(inputs=INPUTS | {"type": "int64"}),
    "an empty folder": lambda folder: (folder / "2").mkdir(),
}


@pytest.mark.usefixtures("empty_trail")
async def test_a_version_that_is_not_whole_or_not_alike_is_refused_and_the_old_one_goes_on(
    start: Start, tmp_path: Path, database: asyncpg.Connection
) -> None:
    write_version(tmp_path, 1)
    client = await start()
    for breakage, break_it in BREAKAGES.items():
        shutil.rmtree(tmp_path / "2", ignore_errors=True)
        break_it(tmp_path)

        refused = await client.post(RELOAD)

        assert refused.status_code == 409, breakage
        problem = assert_problem(refused, 409, "model-refused")
        assert problem["detail"].startswith("Version 2 "), breakage
        assert str(tmp_path) not in refused.text, breakage
        assert (await predict(client)).json()["version"] == 1, breakage
    assert (
        await database.fetchval("SELECT count(*) FROM audit_events WHERE action = 'prediction_model.loaded'")
        == 0
    )


async def test_every_process_finds_a_new_version_by_itself_and_leaves_a_broken_one(
    start: Start, tmp_path: Path
) -> None:
    write_version(tmp_path, 1)
    client = await start(**SOON)
    (tmp_path / ".3.incoming").mkdir()
    write_version(tmp_path, 2)
    await eventually(lambda: serves(client, 2))

    write_version(tmp_path, 3, content=b"this is no model")
    await asyncio.sleep(0.2)
    assert await serves(client, 2)

    write_version(tmp_path, 3)  # mended
    await eventually(lambda: serves(client, 3))


async def test_removing_the_newest_version_brings_the_one_before_it_back(
    start: Start, tmp_path: Path
) -> None:
    write_version(tmp_path, 1)
    newest = write_version(tmp_path, 2)
    client = await start(**SOON)
    assert await serves(client, 2)

    for file in newest.iterdir():
        file.unlink()
    newest.rmdir()

    await eventually(lambda: serves(client, 1))


async def test_a_start_takes_the_newest_version_that_is_whole(start: Start, tmp_path: Path) -> None:
    write_version(tmp_path, 1)
    write_version(tmp_path, 2)
    write_version(tmp_path, 3, content=b"this is no model")
    client = await start()

    assert await serves(client, 2)


async def test_without_a_version_the_rest_of_the_service_works_and_the_first_one_is_found(
    start: Start, tmp_path: Path
) -> None:
    client = await start(**SOON)

    for answer in (await predict(client), await client.get("/predictions/model")):
        assert_problem(answer, 503, "model-unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert_problem(await client.post(RELOAD), 409, "model-refused")
    assert (await client.get("/items")).status_code == 200

    write_version(tmp_path, 1)
    await eventually(lambda: serves(client, 1))
    assert (await predict(client)).status_code == 200
