"""item search, and every order for administrators.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MARKS = r"""!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~"""
WORDS = "gin (to_tsvector('simple'::regconfig, translate({text}, '" + MARKS + "', '" + " " * 32 + "')))"
INDEXES = {
    "ix_items_updated_at": "items (updated_at, id)",
    "ix_items_title": "items (title, id)",
    "ix_items_status_created_at": "items (status, created_at, id)",
    "ix_items_words": "items USING "
    + WORDS.replace("{text}", "coalesce(title, '') || ' ' || coalesce(description, '')"),
    "ix_users_created_at": "users (created_at, id)",
    "ix_users_role_created_at": "users (role, created_at, id)",
    "ix_users_words": "users USING "
    + WORDS.replace("{text}", "coalesce(name, '') || ' ' || coalesce(email, '')"),
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
