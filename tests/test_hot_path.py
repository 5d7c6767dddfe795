"""What one request costs the database: every check of who is calling is one query, and no more."""

import logging

import pytest

from app.core.config import Settings
from tests.support import Person


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"debug": True})  # logs every statement


@pytest.mark.parametrize(
    ("path", "tables"),
    [("/users/me", ["users"]), ("/items/{item}", ["users", "items"]), ("/items", ["users", "items"])],
)
async def test_a_read_takes_one_query_for_the_caller_and_one_for_the_answer(
    ada: Person, caplog: pytest.LogCaptureFixture, path: str, tables: list[str]
) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()["id"]
    caplog.clear()

    with caplog.at_level(logging.INFO, "sqlalchemy.engine"):
        assert (await ada.client.get(path.format(item=item))).status_code == 200

    statements = [message for record in caplog.records if (message := record.getMessage())[:1].isalpha()]
    queries = [text for text in statements if not text.startswith(("BEGIN", "ROLLBACK", "COMMIT"))]
    assert [text.partition("\nFROM ")[2].split()[0] for text in queries] == tables
