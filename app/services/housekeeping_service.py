"""What has served its time and goes."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, text

from app.core.database import Session
from app.models import OidcLogin, OneTimeToken

# Jobs that wait or run stay, however old they are. Locked rows are another sweeper's.
OLD_JOBS = text("""
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT job.id FROM procrastinate_jobs AS job
        WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted') AND NOT EXISTS (
            SELECT FROM procrastinate_events WHERE job_id = job.id AND at > now() - CAST(:age AS interval)
        )
        LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING id
""")
BATCH = 1000


@dataclass(frozen=True)
class HousekeepingService:
    """Deletes what nobody needs any more, in small transactions of the caller's."""

    session: Session

    async def sweep_tokens(self) -> None:
        """Delete mailed tokens and logins on their way that have expired."""
        for model in (OneTimeToken, OidcLogin):
            await self.session.execute(delete(model).where(model.expires_at <= func.now()))

    async def sweep_jobs(self, age: timedelta) -> int:
        """Delete some jobs that ended so long ago; how many."""
        gone = await self.session.execute(OLD_JOBS, {"age": age, "limit": BATCH})
        return len(gone.all())
