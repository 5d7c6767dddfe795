"""queue.

Revision ID: 0010
Revises: 0009
"""

from pathlib import Path
from typing import cast

import sqlalchemy as sa
from alembic import op
from sqlalchemy import AdaptedConnection
from sqlalchemy.dialects.postgresql import JSONB

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
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("progress", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("parameters", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("result", JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queue_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_jobs_status")
        ),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_jobs_progress")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_jobs_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_owner_id_created_at", "jobs", ["owner_id", "created_at", "id"])
    op.create_index("ix_jobs_created_at", "jobs", ["created_at", "id"])
    create_uploads()
    unfinished = sa.text("status IN ('queued', 'running')")
    op.create_index("ix_jobs_unfinished", "jobs", ["queue_id"], postgresql_where=unfinished)


def create_uploads() -> None:
    """Files for workers to read."""
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("line", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_uploads_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_owner_id"), "uploads", ["owner_id"])
    op.create_table(
        "upload_parts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name=op.f("fk_upload_parts_upload_id_uploads"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_parts")),
        sa.UniqueConstraint("upload_id", "number", name=op.f("uq_upload_parts_upload_id_number")),
    )


def downgrade() -> None:
    """Take back: functions that return rows of the tables, the tables with their triggers, then the rest."""
    for table in ("upload_parts", "uploads", "jobs"):
        op.drop_table(table)
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
