"""`python -m dev.webhook_figures`: messages per second to one endpoint and to many, by one worker and by two.

The receivers, on this machine, answer at once: what is measured is the sending, signatures and log included.
"""

import asyncio
import os
import time
from dataclasses import dataclass, field
from uuid import uuid4

from app.core.config import Settings
from app.core.database import open_database
from app.core.vault import Vault
from app.core.webhooks.signing import make_secret
from app.models import User, Webhook
from app.schemas.base import Output
from app.services.event_service import EventService
from dev.queue_figures import own_database, workers
from dev.run import say

COMMAND = ("app", "worker", "--queue", "webhooks")
NETWORK = "127.0.0.0/8"
MESSAGES = 2000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Thing(Output):
    """What a message is about."""

    number: int


@dataclass
class Receiver:
    """Takes every message, and notes when."""

    times: list[float] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests."""
        if task := asyncio.current_task():
            self.tasks.add(task)
        while head := await read_head(reader):
            await reader.readexactly(length_of(head))
            self.times.append(time.perf_counter())
            writer.write(ANSWER)
        writer.close()


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """The head of a request; nothing when the sender has closed the connection."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def length_of(head: bytes) -> int:
    """How long the body is."""
    lines = head.lower().split(b"\r\n")
    return next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))


async def publish(settings: Settings, port: int, endpoints: int) -> None:
    """Tell so many endpoints of somebody new of things, in one transaction."""
    vault = Vault(settings)
    async with open_database(settings) as database, database.transaction() as session:
        email = f"{uuid4().hex}@example.com"
        user = User(email=email, email_canonical=email, password_hash="", name="Ada", has_webhooks=True)
        session.add(user)
        await session.flush()  # its webhooks name it
        for _ in range(endpoints):
            identity = uuid4()
            sealed = vault.seal(make_secret(), str(identity))
            url = f"http://127.0.0.1:{port}/"
            session.add(
                Webhook(id=identity, user_id=user.id, url=url, events=["item.created"], sealed=sealed)
            )
        await session.flush()  # the events look for them
        things = [Thing(number=number) for number in range(MESSAGES // endpoints)]
        await EventService(session).publish("item.created", user.id, things)


async def measure(settings: Settings, url: str) -> None:
    """Print the figures."""
    for endpoints in (1, 50):
        for number in (1, 2):
            receiver = Receiver()
            server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
            await publish(settings, server.sockets[0].getsockname()[1], endpoints)
            with workers(url, number, *COMMAND, APP_WEBHOOK_ALLOWED_NETWORKS=NETWORK):
                while len(receiver.times) < MESSAGES:  # noqa: ASYNC110 - the workers send them
                    await asyncio.sleep(0.05)
            server.close()
            await asyncio.gather(*receiver.tasks)  # the workers have closed their connections
            rate = (MESSAGES - 1) / (receiver.times[-1] - receiver.times[0])
            say(f"{rate:8.0f} messages/s to {endpoints} endpoint(s) with {number} worker(s)")


def main() -> None:
    """Measure."""
    os.environ.setdefault("APP_ENVIRONMENT", "development")
    with own_database() as (settings, url):
        asyncio.run(measure(settings, url))


if __name__ == "__main__":
    main()
