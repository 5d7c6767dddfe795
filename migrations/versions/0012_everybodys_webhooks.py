"""everybody's webhooks, in order, and those that fail.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_webhooks_created_at": "webhooks (created_at, id)",
    "ix_webhooks_failing": "webhooks (failing_since) WHERE failing_since IS NOT NULL",
}


def upgrade() -> None:
    """Apply. Nobody waits for an index built concurrently; one that failed stays behind, so it goes first."""
    connection = op.get_bind()
    with op.get_context().autocommit_block():
        limit = connection.exec_driver_sql("SHOW lock_timeout").scalar()
        connection.exec_driver_sql("SET lock_timeout = 0")  # it waits for long transactions, and blocks none
        for name, columns in INDEXES.items():
            connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            connection.exec_driver_sql(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
        connection.exec_driver_sql(f"SET lock_timeout = '{limit}'")


def downgrade() -> None:
    """Take back."""
    for name in INDEXES:
        op.drop_index(name)
