"""One event is one line, whatever a client sends (ASVS 16.4.1)."""

import json
import logging
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from httpx2 import AsyncClient

from app.core.config import Settings
from app.main import create_app
from tests.support import ERRORS, PASSWORD, open_client, running

LINE = re.compile(r"\d\d:\d\d:\d\d (debug|info|warning|error) ")
HOSTILE = [
    'a\n{"level": "info", "message": "forged"}',
    "a\r\n12:00:00 info    forged",
    "a\x1b[2K\x1b[1A forged",
    "a\u2028forged\u2029\x85\x0b\x0c\x1c",
    "a\x00forged",
]


def assert_each_line_is_an_event(logged: str) -> None:
    for line in logged.removesuffix("\n").split("\n"):
        assert line.isascii()
        assert line.isprintable()
        if line.startswith("{"):
            assert {"time", "level", "logger", "message"} <= json.loads(line).keys()
        else:
            assert LINE.match(line)


@pytest.mark.parametrize("hostile", [*HOSTILE, "a\ud800forged"], ids=ascii)
async def test_nothing_a_client_sends_starts_a_line_of_the_log(
    logs: Callable[[], str], anonymous: AsyncClient, hostile: str
) -> None:
    raw = hostile.encode("utf-8", "surrogatepass")
    for name in (b"X-Request-ID", b"User-Agent", b"Host", b"Authorization", b"Cookie", b"Content-Type"):
        await anonymous.post(
            "/auth/token", headers={name: raw}, data={"username": "ada", "password": PASSWORD}
        )
    await anonymous.get(f"/items/{quote(raw)}?{quote(raw)}={quote(raw)}")
    await anonymous.request(f"GET{hostile}".encode("ascii", "replace").decode(), "/items")
    await anonymous.post("/auth/token", data={"username": quote(raw), "password": quote(raw)})

    logged = logs()
    assert logged.count("\n") == 9
    assert "forged" not in logged
    assert_each_line_is_an_event(logged)


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_text_in_a_record_is_escaped(logs: Callable[[], str], hostile: str) -> None:
    logging.getLogger("app.test").info("said %s", hostile, extra={"text": hostile, "texts": [hostile]})

    logged = logs()
    assert logged.count("\n") == 1
    assert logged.count("forged") == 3
    assert_each_line_is_an_event(logged)


@pytest.mark.parametrize("logs", ["json"], indirect=True)
async def test_a_failure_is_one_line_of_json_with_its_traceback(
    logs: Callable[[], str], broken_settings: Settings
) -> None:
    async with running(create_app(broken_settings)) as service, open_client(service) as client:
        await ERRORS[-1].provoke(client, {"X-Request-ID": "the-id"})

    events = [json.loads(line) for line in logs().splitlines()]
    failures = [event for event in events if event["level"] == "error"]
    assert len(failures) == 1
    assert failures[0]["request_id"] == "the-id"
    assert "Traceback" in failures[0]["exception"]
    assert_each_line_is_an_event("\n".join(map(json.dumps, events)))
