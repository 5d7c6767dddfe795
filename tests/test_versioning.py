"""A second version beside the first: how docs/versioning.md says to build one, and how an old route goes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from starlette.types import ASGIApp

from app.core.config import Settings
from app.core.routing import Router
from app.dependencies import ItemReader, Items, deprecated
from app.main import create_app
from app.models import Item
from app.services.item_service import ItemNotFound
from tests.conftest import Register
from tests.support import Person, assert_problem, open_client, running

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2126, 1, 1, tzinfo=UTC)
GUIDE = "https://example.com/move"
HEADERS = {
    "deprecation": f"@{int(SINCE.timestamp())}",
    "sunset": "Tue, 01 Jan 2126 00:00:00 GMT",
    "link": f'<{GUIDE}>; rel="deprecation", <{GUIDE}>; rel="sunset"',
}


class ItemResponseV2(BaseModel):
    """What version 2 changes: `title` is called `name`."""

    id: str
    name: str


def with_version_2(settings: Settings) -> FastAPI:
    """The service, an old version of a route that will go, one that has gone, and version 2."""
    app = create_app(settings)
    v2 = Router(under="/api/v2", prefix="/items", tags=["items"])
    going = Router(tags=["items"], dependencies=[deprecated(since=SINCE, sunset=LATER, link=GUIDE)])
    gone = deprecated(since=SINCE, sunset=SINCE + timedelta(days=1), link=GUIDE)

    @v2.get("/{item_id}", response_model=ItemResponseV2)
    async def get_item_v2(item_id: str, user: ItemReader, items: Items) -> dict[str, str]:
        """Read an item by way of the service that version 1 uses."""
        item = await items.get(user, item_id)  # type: ignore[arg-type]
        return {"id": str(item.id), "name": item.title}

    @going.get("/old-items/{item_id}", response_model=ItemResponseV2)
    async def get_old_item(item_id: str, number: int, user: ItemReader, items: Items) -> dict[str, str]:
        """Read an item, for the last time."""
        if number == 0:
            raise ZeroDivisionError
        return await get_item_v2(item_id, user, items)

    @going.get("/gone-items", response_model=None, dependencies=[gone])
    async def list_gone_items() -> list[Item]:
        """List nothing."""
        raise ItemNotFound("never reached")

    app.include_router(v2, prefix="/api/v2")
    app.include_router(going, prefix="/api/v1")
    return app


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[ASGIApp]:
    async with running(with_version_2(settings)) as service:
        yield service


@pytest.fixture
def operations(settings: Settings) -> dict[str, Any]:
    paths = with_version_2(settings).openapi()["paths"].values()
    return {operation["operationId"]: operation for path in paths for operation in path.values()}


async def test_two_versions_share_the_services_and_the_data(ada: Person, register: Register) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    url = f"http://localhost/api/v2/items/{item['id']}"

    answer = await ada.client.get(url)

    assert answer.json() == {"id": item["id"], "name": "Lamp"}
    assert_problem(await (await register("Bob")).client.get(url), 404, "item-not-found")
    assert "deprecation" not in answer.headers


async def test_every_answer_of_a_deprecated_route_says_so(ada: Person, service: ASGIApp) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    path = f"/old-items/{item['id']}"

    async with open_client(service) as anonymous:
        answers = [
            await ada.client.get(path, params={"number": 1}),
            await anonymous.get(path, params={"number": 1}),
            await ada.client.get(path, params={"number": "x"}),
            await ada.client.get(path, params={"number": 0}),
        ]

    assert [each.status_code for each in answers] == [200, 401, 422, 500]
    assert [each.headers | HEADERS for each in answers] == [each.headers for each in answers]


async def test_after_its_sunset_a_route_is_gone(ada: Person) -> None:
    answer = await ada.client.get("/gone-items")

    assert_problem(answer, 410, "gone")
    assert GUIDE in answer.headers["link"]


def test_the_document_says_what_the_declaration_says(operations: dict[str, Any]) -> None:
    old = operations["get_old_item"]

    assert old["deprecated"] is True
    assert old["x-sunset"] == LATER.isoformat()
    assert {"Deprecation", "Sunset"} <= old["responses"]["200"]["headers"].keys()
    assert "`gone`" in old["responses"]["410"]["description"]
    assert [name for name, each in operations.items() if "deprecated" in each] == [
        "get_old_item",
        "list_gone_items",
    ]


@pytest.mark.parametrize("sunset", [SINCE - timedelta(seconds=1), datetime(2027, 1, 1)])  # noqa: DTZ001
def test_a_sunset_before_the_deprecation_or_without_a_zone_stops_the_import(sunset: datetime) -> None:
    with pytest.raises(ValueError, match="deprecat"):
        deprecated(since=SINCE, sunset=sunset, link=GUIDE)


async def test_a_route_that_holds_no_transaction_says_what_it_lacks(
    settings: Settings, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings)
    foreign = APIRouter()

    @foreign.get("/api/v1/foreign", response_model=None)
    async def get_foreign(user: ItemReader) -> None:
        """Read somebody's account without a transaction."""
        raise ItemNotFound(f"never reached by {user.id}")

    app.include_router(foreign)
    async with running(app) as service, open_client(service) as client:
        client.headers.update(ada.client.headers)
        assert_problem(await client.get("/foreign"), 500, "internal-server-error")

    assert "app.core.routing.Router" in caplog.text
