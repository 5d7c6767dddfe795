"""No answer carries a password, a hash or a key, whoever asks (OWASP API3)."""

import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from tests.apps import UNCONNECTED, app_of
from tests.support import PASSWORD, Person

SECRET = re.compile(r"password|hash|secret|token|canonical|key", re.IGNORECASE)
ALLOWED = {  # the answers whose purpose is a secret
    "Token": {"access_token", "token_type", "refresh_token"},
    "ApiKeyCreated": {"key"},
    "EnrolmentResponse": {"secret"},
    "WebhookCreated": {"secret"},
}


def documented_fields() -> Iterator[tuple[str, str]]:
    """Every property of every schema that a response can reach."""
    document = app_of(UNCONNECTED).openapi()
    schemas = document["components"]["schemas"]
    responses = [each["responses"] for path in document["paths"].values() for each in path.values()]
    waiting, seen = set(references(responses)), set[str]()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        yield from ((name, field) for field in schemas[name].get("properties", {}))
        waiting |= set(references(schemas[name])) - seen


def references(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from references(each)


def test_the_document_promises_no_secret_in_any_response() -> None:
    fields = list(documented_fields())

    assert ("UserResponse", "email") in fields
    assert [
        (model, name) for model, name in fields if SECRET.search(name) and name not in ALLOWED.get(model, ())
    ] == []


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_no_answer_contains_a_password_or_its_hash(
    ada: Person, admin: Person, anonymous: AsyncClient, database: asyncpg.Connection, method: str
) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    webhook = {"url": "https://93.184.215.14/", "events": ["item.created"]}
    hook = (await ada.client.post("/webhooks", json=webhook)).json()
    places = [
        "/users/me",
        f"/users/{ada.id}",
        f"/users/{admin.id}",
        f"/items/{item['id']}",
        f"/webhooks/{hook['id']}",
        f"/webhooks/{hook['id']}/deliveries",
        "/webhooks",
        "/users",
        "/items",
    ]
    hashes = [row["password_hash"] for row in await database.fetch("SELECT password_hash FROM users")]

    for client in (anonymous, ada.client, admin.client):
        for place in places:
            answer = await client.request(method, place, json={} if method == "PATCH" else None)

            assert not any(
                secret in answer.text for secret in [PASSWORD, "argon2", hook["secret"], *hashes]
            ), place
            assert not SECRET.search(" ".join(field_names(answer.json()))), place


def field_names(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        yield from node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from field_names(each)
