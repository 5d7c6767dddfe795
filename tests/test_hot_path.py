"""What one request costs the database: a round trip for each question, and none to begin or to end."""

import logging

import pytest

from app.core.config import Settings
from tests.support import Person

CALLER, ITEMS = "FROM users JOIN login_sessions", "FROM items"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"debug": True})  # logs every statement


def statements(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Every statement since the log was cleared, each on one line."""
    messages = [" ".join(record.getMessage().split()) for record in caplog.records]
    return [message for message in messages if message[:1].isalpha()]


@pytest.mark.parametrize(
    ("path", "reads"),
    [("/users/me", [CALLER]), ("/items/{item}", [CALLER, ITEMS]), ("/items?limit=5", [CALLER, ITEMS])],
)
async def test_a_read_is_one_query_for_the_caller_and_one_for_the_answer_in_no_transaction(
    ada: Person, caplog: pytest.LogCaptureFixture, path: str, reads: list[str]
) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()["id"]
    caplog.clear()

    with caplog.at_level(logging.INFO, "sqlalchemy.engine"):
        assert (await ada.client.get(path.format(item=item))).status_code == 200

    sent = statements(caplog)
    assert [part for text, part in zip(sent, reads, strict=True) if part not in text] == []


async def test_a_new_item_and_its_audit_event_are_one_statement(
    ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "sqlalchemy.engine"):
        assert (await ada.client.post("/items", json={"title": "Lamp"})).status_code == 201

    caller, new = statements(caplog)
    assert CALLER in caller
    assert [new.count(f"INSERT INTO {table} ") for table in ("items", "audit_events")] == [1, 1]
