"""From end to end: an item changes over HTTP, and a worker tells a receiver, which checks the signature."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from standardwebhooks import Webhook, WebhookVerificationError

from app.core.vault import Vault
from app.core.webhooks.signing import make_secret, signed_headers
from tests.processes import PLAIN, eventually
from tests.receiving import receiving, status
from tests.support import ANY_VERSION, assert_problem, make_settings
from tests.webhooks.support import World, verify

EVENTS = ["item.created", "item.updated", "item.deleted"]


async def test_each_change_of_an_item_arrives_signed_and_as_the_api_shows_it(world: World) -> None:
    async with receiving(status(204, body="")) as receiver:
        hook = await world.listen(receiver, *EVENTS)
        item = await world.make_item()
        changed = await world.ada.client.patch(
            f"/items/{item['id']}", json={"title": "Desk lamp"}, headers=ANY_VERSION
        )
        await world.ada.client.delete(f"/items/{item['id']}", headers=ANY_VERSION)
        log = await hook.delivered(3)

    bodies = [verify(request, hook.row["secret"]) for request in receiver.requests]
    assert {body["type"]: body["data"] for body in bodies} == {
        "item.created": item,
        "item.updated": changed.json(),
        "item.deleted": changed.json(),
    }
    assert [each["event"] for each in log] == EVENTS
    assert {each["event_id"] for each in log} == {each[1]["webhook-id"] for each in receiver.requests}
    for line, headers, _ in receiver.requests:
        assert line == "POST /hook HTTP/1.1"
        assert headers["content-type"] == "application/json"
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
        assert UUID(headers["webhook-id"]).version == 7


async def test_a_message_that_was_changed_or_is_old_does_not_verify(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        await hook.delivered()

    [(_, headers, body)] = receiver.requests
    signer = Webhook(hook.row["secret"])
    assert signer.verify(body, headers)
    old = signed_headers(
        [hook.row["secret"]], "1", datetime.fromtimestamp(time.time() - 360, UTC), body.decode()
    )
    for wrong in (
        (body.replace(b"Lamp", b"Rock"), headers),
        (body, headers | {"webhook-id": "other"}),
        (body, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}),
        (body, dict(old)),
    ):
        with pytest.raises(WebhookVerificationError):
            signer.verify(*wrong)
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret()).verify(body, headers)


def test_signatures_are_those_of_the_specification() -> None:
    """An example that the reference libraries of other languages agree on, too."""
    moment = datetime.fromtimestamp(1614265330, UTC)
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    headers = signed_headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, '{"test": 2432232314}')

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


async def test_after_a_rotation_both_secrets_verify_and_after_a_day_only_the_new_one(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        rotated = (await world.ada.client.post(f"{hook.path}/rotate-secret")).json()
        await world.make_item()
        await hook.delivered()
        await world.advance(24 * 3600 + 60)
        await world.make_item()
        await hook.delivered(2)

    both, later = receiver.requests
    old, new = hook.row["secret"], rotated["secret"]
    assert old != new
    assert len(both[1]["webhook-signature"].split()) == 2
    assert verify(both, old) == verify(both, new)
    assert verify(later, new)
    with pytest.raises(WebhookVerificationError):
        verify(later, old)


async def test_the_log_says_when_how_long_and_what_the_receiver_answered(world: World) -> None:
    async with receiving(status(200, body="thanks\x00\x1b[31m, " + "a" * 5000)) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        [entry] = await hook.delivered()

    [attempt] = entry["attempts"]
    assert (entry["status"], entry["next_attempt_at"]) == ("succeeded", None)
    assert (attempt["status_code"], attempt["error"]) == (200, None)
    assert attempt["response"].startswith("thanks[31m, aaa")
    assert len(attempt["response"]) <= 1024
    assert 0 <= attempt["duration_ms"] < 2000
    assert attempt["started_at"].endswith("Z")


async def test_only_the_owners_endpoints_that_asked_for_the_event_hear_of_it(world: World) -> None:
    async with receiving(status(200)) as receiver:
        asked = await world.listen(receiver, "item.created")
        other = await world.listen(receiver, "item.deleted", "job.finished")
        bobs = await world.listen(receiver, "item.created", person=world.bob)
        await world.make_item()
        await asked.delivered()
        await world.settle()

    assert len(receiver.requests) == 1
    assert (await other.deliveries(), await bobs.deliveries()) == ([], [])


async def test_several_endpoints_get_one_event_under_one_id_each_with_its_own_signature(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hooks = [await world.listen(receiver) for _ in range(2)]
        await world.make_item()
        for hook in hooks:
            await hook.delivered()

    first, second = receiver.requests
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert first[2] == second[2]
    assert {first[1]["webhook-signature"], second[1]["webhook-signature"]} == {
        signed_headers([hook.row["secret"]], first[1]["webhook-id"], moment(first), first[2].decode())[
            "webhook-signature"
        ]
        for hook in hooks
    }


def moment(request: tuple[str, dict[str, str], bytes]) -> datetime:
    return datetime.fromtimestamp(int(request[1]["webhook-timestamp"]), UTC)


async def test_items_made_at_once_arrive_one_by_one(world: World) -> None:
    titles = {f"Lamp {number}" for number in range(50)}
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        body = {"items": [{"title": title} for title in titles]}
        assert (await world.ada.client.post("/items/bulk", json=body)).status_code == 201
        await hook.delivered(50)
        await world.settle()

    assert len(receiver.requests) == 50
    assert {json.loads(each[2])["data"]["title"] for each in receiver.requests} == titles


async def test_an_administrators_change_of_an_item_is_told_to_its_owner(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver, "item.updated")
        item = await world.make_item()
        await world.database.execute("UPDATE users SET role = 'admin' WHERE name = 'Bob'")
        change = {"title": "Chair"}
        await world.bob.client.patch(f"/items/{item['id']}", json=change, headers=ANY_VERSION)
        await hook.delivered()

    assert verify(receiver.requests[0], hook.row["secret"])["data"]["title"] == "Chair"


async def test_what_is_rolled_back_is_told_to_nobody(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        await world.database.execute(
            "ALTER TABLE audit_events ADD CONSTRAINT impossible CHECK (action <> 'item.created') NOT VALID"
        )
        try:
            lost = await world.ada.client.post("/items", json={"title": "Lamp"})
        finally:
            await world.database.execute("ALTER TABLE audit_events DROP CONSTRAINT impossible")
        await world.make_item("Chair")
        await hook.delivered()
        await world.settle()

    assert lost.status_code == 500
    assert [verify(each, hook.row["secret"])["data"]["title"] for each in receiver.requests] == ["Chair"]


async def test_a_message_is_sent_again_on_request_under_the_same_id(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        [entry] = await hook.delivered()

        again = await world.ada.client.post(f"{hook.path}/deliveries/{entry['id']}/redeliver")
        await eventually(lambda: arrived(receiver.requests, 2))
        await world.settle()
        followed = await world.ada.client.get(f"http://localhost{again.headers['location']}")

    assert (again.status_code, again.json()["status"]) == (202, "pending")
    assert (followed.json()["status"], len(followed.json()["attempts"])) == ("succeeded", 2)
    first, second = receiver.requests
    assert (first[1]["webhook-id"], first[2]) == (second[1]["webhook-id"], second[2])


async def arrived(requests: Sequence[object], number: int) -> bool:
    return len(requests) >= number


async def test_nothing_is_sent_to_an_endpoint_that_was_switched_off(world: World) -> None:
    async with receiving(status(500)) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        await world.settle()
        await hook.change(is_active=False)
        await world.make_item()
        await world.advance(3600)
        [entry] = await hook.deliveries()
        refused = await world.ada.client.post(f"{hook.path}/deliveries/{entry['id']}/redeliver")

        assert_problem(refused, 409, "webhook-disabled")
        assert (entry["status"], len(receiver.requests)) == ("failed", 1)

        await hook.change(is_active=True)
        again = await world.ada.client.post(f"{hook.path}/deliveries/{entry['id']}/redeliver")
        await eventually(lambda: arrived(receiver.requests, 2))

    assert again.status_code == 202


async def test_a_disabled_account_hears_of_nothing_until_it_is_enabled_again(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        async with world.database.transaction():  # the worker comes when the account is disabled already
            await world.database.execute("SELECT FROM webhooks FOR UPDATE")
            making = asyncio.create_task(world.make_item())
            await asyncio.sleep(0.3)
            await world.database.execute("UPDATE users SET is_active = false WHERE name = 'Ada'")
        await making
        await world.settle()
        assert receiver.requests == []

        await world.database.execute("UPDATE users SET is_active = true")
        await world.advance(60)
        await world.minute()
        await hook.delivered()


async def test_a_deleted_account_or_endpoint_takes_its_messages_along(world: World) -> None:
    async with receiving(status(500)) as receiver:
        hook = await world.listen(receiver)
        await world.make_item()
        await world.settle()
        deleted = await world.ada.client.delete(hook.path)
        await world.advance(3600)

    assert deleted.status_code == 204
    assert len(receiver.requests) == 1
    assert await world.database.fetchval("SELECT count(*) FROM webhook_deliveries") == 0


async def test_attempts_are_counted_and_logged_without_what_is_secret_about_them(
    world: World, metrics_port: int
) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        await hook.change(url=f"http://127.0.0.1:{receiver.port}/canary-path?token=canary-token")
        await world.make_item("canary-title")
        [entry] = await hook.delivered()
        jobs = await world.database.fetch("SELECT args FROM procrastinate_jobs")
        async with AsyncClient(verify=PLAIN) as scraper:
            metrics = (await scraper.get(f"http://127.0.0.1:{metrics_port}/metrics")).text

    logged = world.crew.output.read_text()
    [line] = world.crew.logged(message="webhook sent", delivery=entry["id"])
    assert (line["webhook"], line["outcome"], line["status"]) == (hook.row["id"], "accepted", 200)
    assert 'webhook_attempts_total{outcome="accepted"}' in metrics
    assert "webhook_attempt_seconds_bucket" in metrics
    for secret in ("canary", hook.row["secret"], hook.row["secret"].removeprefix("whsec_")):
        assert secret not in logged + metrics + str(jobs)


async def test_a_secret_that_no_longer_opens_is_a_failure_until_it_is_rotated(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        await world.database.execute("UPDATE webhooks SET sealed = 'another key'")
        await world.make_item()
        await world.settle()
        [entry] = await hook.deliveries()
        rotated = (await world.ada.client.post(f"{hook.path}/rotate-secret")).json()
        await world.advance(60)
        await hook.delivered()

    assert [each["error"] for each in entry["attempts"]] == ["secret unreadable"]
    [request] = receiver.requests
    assert verify(request, rotated["secret"])


async def test_a_message_that_cannot_be_sent_at_all_is_one_failure_and_stops_no_other(world: World) -> None:
    async with receiving(status(200)) as receiver:
        hook = await world.listen(receiver)
        place = world.database.execute
        await place("UPDATE webhooks SET url = 'https://[broken'")  # as if today's rules were stricter
        await world.make_item("lost")
        await world.settle()
        empty = Vault(make_settings("postgresql://nowhere")).seal("whsec_", hook.row["id"])
        url = f"http://127.0.0.1:{receiver.port}/"
        await place(
            "UPDATE webhooks SET url = $1, previous_sealed = $2, previous_until = now() + '1 day'", url, empty
        )
        await world.make_item("unsigned")
        await world.settle()
        log = await hook.deliveries()
        await place("UPDATE webhooks SET previous_until = NULL")
        await world.advance(400)
        await hook.delivered(2)

    assert [each["attempts"][0]["error"] for each in log] == ["target not allowed", "internal error"]
    assert len(receiver.requests) == 2
