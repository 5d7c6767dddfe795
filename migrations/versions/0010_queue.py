"""queue.

Revision ID: 0010
Revises: 0009
"""

from pathlib import Path
from typing import cast

import sqlalchemy as sa
from alembic import op
from sqlalchemy import AdaptedConnection

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Procrastinate's own schema (MIT licence), as of the version in the name and unchanged. A copy, because the
# file in the package is another one after an upgrade; that upgrade then needs a migration of its own.
SCHEMA = Path(__file__).parents[1] / "sql" / "procrastinate_3.10.sql"
# For what looks at unfinished jobs every few seconds, among a week of finished ones.
UNFINISHED = """
    CREATE INDEX ix_procrastinate_jobs_unfinished ON procrastinate_jobs (status, queue_name)
    WHERE status IN ('todo', 'doing', 'failed')
"""
FUNCTIONS = sa.text("""
    SELECT oid::regprocedure::text, prorettype = 'trigger'::regtype AS is_trigger FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\\_%'
""")
TABLES = ("events", "periodic_defers", "jobs", "workers")
TYPES = ("job_to_defer_v1", "job_status", "job_event_type")


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    connection.execute(
        sa.text("SELECT 1")
    )  # the driver begins a transaction with the first statement it sees
    script = SCHEMA.read_text()
    driver = cast("AdaptedConnection", connection.connection.dbapi_connection)
    driver.run_async(lambda asyncpg: asyncpg.execute(script))
    op.execute(UNFINISHED)


def downgrade() -> None:
    """Take back: functions that return rows of the tables, the tables with their triggers, then the rest."""
    functions = op.get_bind().execute(FUNCTIONS).all()
    for name, is_trigger in functions:
        if not is_trigger:
            op.execute(f"DROP FUNCTION {name}")
    for table in TABLES:
        op.drop_table(f"procrastinate_{table}")
    for name, is_trigger in functions:
        if is_trigger:
            op.execute(f"DROP FUNCTION {name}")
    for each in TYPES:
        op.execute(f"DROP TYPE procrastinate_{each}")
