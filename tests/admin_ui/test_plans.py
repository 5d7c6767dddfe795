"""The front page and the list of webhooks stay quick where there is much."""

import asyncpg

from tests.admin_ui.support import Browser
from tests.support import Person
from tests.test_plans import explain
from tests.watching import statements

FILL = """
    INSERT INTO webhooks (id, user_id, url, events, sealed, failing_since, created_at)
    SELECT gen_random_uuid(), $1, 'https://hooks.example.com/' || n, '{item.created}', '',
        CASE WHEN n % 500 = 0 THEN now() END, now() - n * interval '1 minute'
    FROM generate_series(1, 5000) n
"""
JOBS = """
    INSERT INTO jobs (id, owner_id, kind, created_at)
    SELECT gen_random_uuid(), $1, 'items.import', now() - n * interval '1 second'
    FROM generate_series(1, 20000) n
"""
QUEUED = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, status)
    SELECT 'mail', 'mail.notice',
        (CASE WHEN n % 500 = 0 THEN 'failed' ELSE 'succeeded' END)::procrastinate_job_status
    FROM generate_series(1, 5000) n
"""
ANALYZE = "ANALYZE webhooks; ANALYZE jobs; ANALYZE procrastinate_jobs"


async def test_no_page_reads_a_whole_table(desk: Browser, ada: Person, database: asyncpg.Connection) -> None:
    await database.execute(FILL, ada.id)
    await database.execute(JOBS, ada.id)
    await database.execute(QUEUED)
    await database.execute(ANALYZE)

    async with statements() as seen:
        for path in ("", "/webhooks", "/jobs"):
            page = await desk.get(path)
            assert page.status_code == 200
            if "cursor=" in page.text:
                [link] = page.text.split('rel="next" href="')[1:]
                assert (await desk.get(path + link.partition('"')[0])).status_code == 200

    found = {
        scan
        for asked in seen
        if asked[0].lstrip().startswith("SELECT")
        for scan in await explain(database, *asked)
    }
    whole = {scan.removeprefix("Seq Scan on ") for scan in found if scan.startswith("Seq Scan")}
    # The first is read until 10,000 are counted. The others are small here: who is asking, and who they are.
    assert whole <= {"items", "users", "login_sessions", "audit_events"}
    assert [scan for scan in found if "webhooks" in scan]
    assert [scan for scan in found if "procrastinate_jobs" in scan]
