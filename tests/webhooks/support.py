"""What tests of webhooks share: endpoints, a look at their log, and time that can be moved."""

from dataclasses import dataclass
from typing import Any

import asyncpg
from standardwebhooks import Webhook

from tests.processes import eventually
from tests.queue.support import APP, WorkerProcess
from tests.receiving import Receiver
from tests.support import ANY_VERSION, Person

NETWORKS = "127.0.0.0/8"
SENDING = [*APP, "--queue", "webhooks", "--queue", "default", "--queue", "imports"]  # and no mails
# Everything that tells when something is to happen, an hour or so earlier: as if that time had passed.
TIMES = {
    "webhook_deliveries": ["next_attempt_at", "created_at"],
    "webhooks": ["failing_since", "paused_until", "previous_until"],
    "procrastinate_jobs": ["scheduled_at"],
}
WAITING = """
    SELECT count(*) FROM procrastinate_jobs
    WHERE queue_name <> 'mail'
      AND (status = 'doing' OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())))
"""


@dataclass
class World:
    """Ada and Bob, the database behind them, and the worker."""

    ada: Person
    bob: Person
    database: asyncpg.Connection
    crew: WorkerProcess

    async def listen(self, receiver: Receiver, *events: str, person: Person | None = None) -> "Endpoint":
        """An endpoint at a receiver; Ada's, unless it is somebody else's."""
        person = person or self.ada
        body = {"url": f"http://127.0.0.1:{receiver.port}/hook", "events": events or ["item.created"]}
        answer = await person.client.post("/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        return Endpoint(self, person, answer.json())

    async def make_item(self, title: str = "Lamp", person: Person | None = None) -> dict[str, Any]:
        answer = await (person or self.ada).client.post("/items", json={"title": title})
        assert answer.status_code == 201, answer.text
        item: dict[str, Any] = answer.json()
        return item

    async def settle(self) -> None:
        """Wait until the worker has nothing to do at this time."""

        async def idle() -> bool:
            return bool(await self.database.fetchval(WAITING) == 0)

        await eventually(idle)

    async def minute(self) -> None:
        """Do what the clock does every minute, now."""
        await self.database.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            "VALUES ('default', 'webhooks.wake_overdue', '{}')"
        )

    async def advance(self, seconds: float) -> None:
        """Let time pass, and the worker do what is due then."""
        for table, columns in TIMES.items():
            moved = ", ".join(f"{each} = {each} - make_interval(secs => $1)" for each in columns)
            await self.database.execute(f"UPDATE {table} SET {moved}", seconds)  # noqa: S608 - our own names
        await self.settle()


@dataclass
class Endpoint:
    """A webhook, and the person it belongs to."""

    world: World
    person: Person
    row: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/webhooks/{self.row['id']}"

    async def deliveries(self, **filters: str) -> list[dict[str, Any]]:
        """The log, oldest first."""
        answer = await self.person.client.get(
            f"{self.path}/deliveries", params={"limit": "100", "sort": "created_at", **filters}
        )
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def delivered(self, number: int = 1) -> list[dict[str, Any]]:
        """The log, once so many messages have arrived."""

        async def arrived() -> bool:
            return len(await self.deliveries(status="succeeded")) >= number

        await eventually(arrived)
        return await self.deliveries()

    async def is_active(self) -> bool:
        return bool((await self.person.client.get(self.path)).json()["is_active"])

    async def change(self, **changes: Any) -> None:  # noqa: ANN401 - any field
        answer = await self.person.client.patch(self.path, json=changes, headers=ANY_VERSION)
        assert answer.status_code == 200, answer.text


def verify(request: tuple[str, dict[str, str], bytes], secret: str) -> dict[str, Any]:
    """What a receiver reads, after the reference library has found the signature good."""
    _, headers, body = request
    verified: dict[str, Any] = Webhook(secret).verify(body, headers)
    return verified
