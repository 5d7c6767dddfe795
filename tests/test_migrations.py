"""The schema's history: there and back on real rows, one migrator at a time, never waiting for long."""

import asyncio
import re

import asyncpg
import pytest
from procrastinate.schema import SchemaManager
from sqlalchemy.exc import DBAPIError

from app.commands.create_admin import add_admin
from app.core import migrations
from app.core.database import create_engine
from app.core.revisions import LOCATION, head
from app.models import Base
from app.schemas.user import UserCreate
from tests.processes import PATIENCE, eventually
from tests.support import PASSWORD, connect, make_settings

QUEUE_SCHEMA = LOCATION / "sql" / "procrastinate_3.10.sql"
GRACE = UserCreate.model_validate({"email": "grace@example.com", "name": "Grace", "password": PASSWORD})
ADD_ITEM = "INSERT INTO items (id, owner_id, title) SELECT gen_random_uuid(), id, 'Lamp' FROM users"
WAITING_MIGRATORS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'idle' AND backend_type = 'client backend'
      AND pid <> pg_backend_pid()
"""
OBJECTS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
# Everything PostgreSQL knows about our tables, worded by itself, so that no kind of drift goes unseen.
SCHEMA = """
    SELECT format('%s %s %s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
                  attnotnull, collname, pg_get_expr(adbin, adrelid)) AS fact
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace
"""
OTHERS = ("alembic_version", "procrastinate_")  # tables that have no model
CONSTRAINTS = """
    SELECT conrelid::regclass::text AS table_name, contype::text AS kind, conname AS name FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
      AND conrelid <> 'alembic_version'::regclass AND conrelid::regclass::text NOT LIKE 'procrastinate%'
"""
PREFIXES = {"p": "pk", "u": "uq", "f": "fk", "c": "ck"}


async def test_up_down_up_on_a_populated_database_leaves_nothing_behind(fresh_database_url: str) -> None:
    settings = make_settings(fresh_database_url)
    for _ in range(2):  # rows in the tables stop neither the way down nor the next way up
        await migrations.migrate(settings)
        await add_admin(settings, GRACE)
        database = await connect(fresh_database_url)
        await database.execute(ADD_ITEM)
        await migrations.migrate(settings)
        kept = await database.fetchval("SELECT count(*) FROM items JOIN users ON users.id = owner_id")

        await migrations.migrate(settings, "base", down=True)
        left = {row["relname"] for row in await database.fetch(OBJECTS)}
        await database.close()

        assert kept == 1
        assert {name for name in left if "alembic_version" not in name} == set()


async def test_the_migrations_make_exactly_the_tables_of_the_models(
    database: asyncpg.Connection, fresh_database_url: str
) -> None:
    engine = create_engine(make_settings(fresh_database_url))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    of_models = await connect(fresh_database_url)
    modelled = {row["fact"] for row in await of_models.fetch(SCHEMA)}
    await of_models.close()

    migrated = {row["fact"] for row in await database.fetch(SCHEMA)}

    assert "items" in "".join(modelled)
    assert {fact for fact in migrated if not any(name in fact for name in OTHERS)} == modelled


def test_the_queue_has_the_tables_of_the_installed_procrastinate() -> None:
    """Red after an upgrade that changes them: write a migration that does what its notes say."""
    assert QUEUE_SCHEMA.read_text().endswith(SchemaManager.get_schema())


async def test_every_constraint_is_named_by_the_convention(database: asyncpg.Connection) -> None:
    constraints = await database.fetch(CONSTRAINTS)

    assert {row["kind"] for row in constraints} == PREFIXES.keys()
    for table, kind, name in constraints:
        assert re.fullmatch(rf"{PREFIXES[kind]}_{table}(_\w+)?", name), name


async def test_two_migrators_take_turns(fresh_database_url: str) -> None:
    settings = make_settings(fresh_database_url)
    database = await connect(fresh_database_url)
    await database.execute("SELECT pg_advisory_lock($1)", migrations.LOCK)
    both = asyncio.gather(migrations.migrate(settings), migrations.migrate(settings))

    async def both_wait() -> bool:
        return bool(await database.fetchval(WAITING_MIGRATORS) == 2)

    await eventually(both_wait)
    await database.execute("SELECT pg_advisory_unlock($1)", migrations.LOCK)
    await both
    revision = await database.fetchval("SELECT version_num FROM alembic_version")
    await database.close()

    assert revision == head()


async def test_a_migrator_waits_for_its_turn_longer_than_for_a_table(fresh_database_url: str) -> None:
    settings = make_settings(fresh_database_url, db={"lock_timeout": 0.05})
    database = await connect(fresh_database_url)
    await database.execute("SELECT pg_advisory_lock($1)", migrations.LOCK)

    waiting = asyncio.create_task(migrations.migrate(settings))
    done, _ = await asyncio.wait([waiting], timeout=1)
    assert not done
    await database.close()

    await waiting


async def test_a_migration_gives_up_on_a_locked_table_at_the_configured_limit(
    fresh_database_url: str,
) -> None:
    settings = make_settings(fresh_database_url, db={"lock_timeout": 0.5})
    await migrations.migrate(settings)
    database = await connect(fresh_database_url)
    await database.execute("BEGIN; LOCK TABLE users, procrastinate_jobs, webhooks")
    clock = asyncio.get_running_loop().time
    started = clock()

    with pytest.raises(DBAPIError, match="lock timeout"):
        async with asyncio.timeout(PATIENCE):
            await migrations.migrate(settings, "base", down=True)
    waited = clock() - started
    await database.execute("ROLLBACK")
    revision = await database.fetchval("SELECT version_num FROM alembic_version")
    await database.close()

    assert 0.5 <= waited < make_settings(fresh_database_url).db.lock_timeout  # the default
    assert revision == head()
