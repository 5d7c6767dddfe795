"""Mail, payments or webhooks are left to `BackgroundTasks`.

They run in the process that answered, once. When it is restarted, killed or
out of memory, they are gone, and nobody is told.

Bad:

    from fastapi import BackgroundTasks, FastAPI

    app = FastAPI()

    def send_invoice(number: int) -> None: ...

    @app.put("/orders/{number}")
    def pay(number: int, tasks: BackgroundTasks) -> str:
        tasks.add_task(send_invoice, number)
        return "paid"

Good:

    from fastapi import BackgroundTasks, FastAPI

    app = FastAPI()

    def count_visit(number: int) -> None: ...

    @app.get("/orders/{number}")
    def read_order(number: int, tasks: BackgroundTasks) -> str:
        tasks.add_task(count_visit, number)
        return "paid"

It does not see work whose name does not say what is at stake.

What Shipworthy's own service leaves to the background, and why, is told in
`docs/background-work.md`.

Measured on 39 public repositories: 3 told, 3 read, 3 right.
On 48 repositories that it was not tuned on: 17 read, 15 right; the others
told those who were watching, and are no longer told.
On 35 others, drawn by chance: 1 told; what it hands over is yet to be written.
"""

from collections.abc import Iterator

from shipworthy.check.background import target_of, task_of
from shipworthy.check.nodes import dotted
from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import Call
from shipworthy.check.words import words

CODE = "SW104"
PRACTICE, SEVERITY, CONFIDENCE = "a queue for what must not be lost", "warning", "high"
CALLS = {".add_task", "BackgroundTask"}
PRECIOUS = {
    "mail", "mails", "email", "emails", "payment", "payments", "charge", "invoice", "invoices",
    "webhook", "webhooks", "refund", "payout", "receipt", "sms", "order", "orders", "shipment",
    "billing", "subscription", "password", "otp", "verification", "invitation", "invite",
    "notification", "notifications", "notify",
}  # fmt: skip
HARMLESS = {
    "realtime",
    "websocket",
    "socket",
    "ws",
    "broadcast",
    "log",
    "track",
    "count",
    "cache",
    "metrics",
    "analytics",
    "cleanup",
    "warm",
}


def check(call: Call, world: World) -> Iterator[Problem]:
    """Read the name of what is handed over."""
    named = task_of(call, world.types)
    target = target_of(call, world.types) if named is not None else None
    name = (dotted(named) or "").rpartition(".")[2] or (target.node.name if target else "")
    found = words(name) if name else []
    live = "real_time" in "_".join(found)  # who is not there to see it has no use for it later
    if PRECIOUS & set(found) and not HARMLESS & set(found) and not live:
        yield Problem(
            call.node, f"`{name}` is lost when the process stops; put it into a queue that keeps it"
        )
