"""What webhooks tell of jobs, and what mails tell of webhooks."""

import signal
from typing import Any

import pytest

from tests.post_office import post_office, text
from tests.processes import eventually
from tests.queue.support import APP, worker
from tests.receiving import receiving, status
from tests.webhooks.conftest import LOCAL
from tests.webhooks.support import World, verify

CSV = {"Content-Type": "text/csv"}


async def import_items(world: World, content: bytes) -> dict[str, Any]:
    answer = await world.ada.client.post("/items/import", content=content, headers=CSV)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    return job


@pytest.mark.parametrize(
    ("content", "outcome"), [(b"title\nLamp\nChair\n", "succeeded"), (b"no such column\nLamp\n", "failed")]
)
async def test_the_end_of_a_job_is_told_as_the_api_shows_it(
    world: World, content: bytes, outcome: str
) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver, "job.finished", "item.created")
        job = await import_items(world, content)
        await hook.delivered()
        await world.settle()
        shown = await world.ada.client.get(f"/jobs/{job['id']}")

    [request] = receiver.requests  # none for each item
    body = verify(request, hook.row["secret"])
    assert (body["type"], body["data"]) == ("job.finished", shown.json())
    assert body["data"]["status"] == outcome


async def test_a_job_that_is_cancelled_before_it_starts_is_told_of_too(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver, "job.finished")
        world.crew.send(signal.SIGSTOP)  # so that nobody takes it up meanwhile
        job = await import_items(world, b"title\nLamp\n")
        cancelled = await world.ada.client.post(f"/jobs/{job['id']}/cancel")
        world.crew.send(signal.SIGCONT)
        await hook.delivered()

    [request] = receiver.requests
    assert verify(request, hook.row["secret"])["data"] == cancelled.json()
    assert cancelled.json()["status"] == "cancelled"


async def test_who_is_told_nothing_any_more_gets_a_mail_that_says_so(world: World, webhook_url: str) -> None:
    async with receiving(status(410)) as receiver, post_office() as office:
        office.open.set()
        await world.listen(receiver)
        await world.make_item()
        await world.settle()
        smtp = {"APP_MAIL_SMTP_HOST": "127.0.0.1", "APP_MAIL_SMTP_PORT": str(office.port)}
        with worker(webhook_url, [*APP, "--queue", "mail"], **LOCAL, **smtp, APP_MAIL_SMTP_TLS="none"):
            await eventually(lambda: came(office.mails))
        [mail] = [each for each in office.mails if "switched off" in each["Subject"]]

    assert mail["To"] == world.ada.email
    assert f"127.0.0.1:{receiver.port}" in text(mail)
    assert "/hook" not in text(mail)
    assert "410" in text(mail)


async def came(mails: list[Any]) -> bool:
    return any("switched off" in each["Subject"] for each in mails)
