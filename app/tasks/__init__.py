"""What the queue runs. A module declares its handlers; here they are put together, as routers are in main."""

from app.tasks import batches, housekeeping, mail, webhooks
from app.tasks.registry import merge

TASKS = merge([batches.tasks, housekeeping.tasks, mail.tasks, webhooks.tasks])
