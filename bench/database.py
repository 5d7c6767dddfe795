"""A database of the benchmarks' own: the service's schema, 1,000 users, each with some items and a login."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg

from app.core import migrations
from app.core.config import Settings
from app.core.tokens import AccessTokens, Identity
from bench import proc
from bench.workloads import Account
from dev.postgres import postgres

DATA = Path(".local/bench-postgres")
USERS, ITEMS = 1_000, 100_000
ACCOUNTS = 100  # of the users, that requests come from
# The same keys in every run: version 7, their time that of the row.
KEY = """(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
    || '7' || substr(md5(kind || n), 1, 3) || '8' || substr(md5(kind || n), 4, 15))::uuid"""
# Backwards from a moment in the past, so that what W4 adds is newer; never at a whole second.
TIMES = "timestamptz '2026-01-01 00:00:00.123457+00' - make_interval(secs => n * 1.000003)"
SEED = f"""
    INSERT INTO users (id, email, email_canonical, password_hash, name, age)
    SELECT {KEY}, email, email, 'nobody logs in with a password', 'User ' || n, 20 + n % 60
    FROM (SELECT n, 'user' AS kind, {TIMES} AS at, 'user' || n || '@example.com' AS email
          FROM generate_series(1, {USERS}) AS n) AS made;
    INSERT INTO login_sessions (id, user_id, expires_at)
    SELECT id, id, now() + interval '30 days' FROM users;
"""  # noqa: S608 - constants
ITEM_SEED = f"""
    INSERT INTO items (id, owner_id, title, description, status, tags, price_minor, currency,
                       created_at, updated_at)
    SELECT {KEY}, owners[1 + abs(n) % {USERS}], 'Reading lamp ' || n, 'Brass, 1932, number ' || n || '.',
           'active', ARRAY['lamp', 'brass'], abs(n) % 10000, 'EUR', at, at
    FROM (SELECT n, 'item' AS kind, {TIMES} AS at FROM generate_series($1::bigint, $2::bigint) AS n) AS made,
         (SELECT array_agg(id ORDER BY email) AS owners FROM users) AS all_users
"""  # noqa: S608
OWNERS = "SELECT owner_id, min(id::text) AS item FROM items GROUP BY owner_id ORDER BY owner_id LIMIT $1"
ADMINISTRATOR = """
    INSERT INTO users (id, email, email_canonical, password_hash, name, role)
    VALUES (gen_random_uuid(), 'a@example.com', 'a@example.com', 'nobody logs in', 'A', 'admin')
    RETURNING id
"""
LOGIN = """
    INSERT INTO login_sessions (id, user_id, expires_at) VALUES ($1::uuid, $1, now() + interval '30 days')
"""
INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid = 'items'::regclass AND NOT indisprimary
"""
# Backends of this database, and PostgreSQL's own processes.
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() OR datname IS NULL"


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL server: that of ``DATABASE_URL``, or an embedded one. Once per process."""
    with postgres(DATA) as url:
        yield url


@contextmanager
def seeded(server: str, items: int = ITEMS) -> Iterator[str]:
    """The URL of a filled database, dropped at the end."""
    name = f"shipworthy_bench_{uuid4().hex[:12]}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    asyncio.run(execute(server, f"CREATE DATABASE {name}"))
    try:
        asyncio.run(migrations.migrate(settings_for(url)))
        asyncio.run(_fill(url, items))
        yield url
    finally:
        asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


def settings_for(url: str) -> Settings:
    """The settings of ``make run``, but that tokens outlive a long run."""
    auth = {"access_token_minutes": 60}
    return Settings.model_validate({"DATABASE_URL": url, "environment": "development", "auth": auth})


async def execute(url: str, *statements: str) -> None:
    """Run statements, each on its own."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _fill(url: str, items: int) -> None:
    await execute(url, SEED)
    await add_items(url, 1, items)


async def add_items(url: str, first: int, last: int) -> None:
    """More items, dealt out to the users in turn; indexes are built afterwards, which is faster."""
    connection = await asyncpg.connect(url, command_timeout=3600)
    try:
        indexes = await connection.fetch(INDEXES)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        await connection.execute(
            "SET session_replication_role = replica"
        )  # foreign keys are right as they are
        await connection.execute(ITEM_SEED, first, last)
        await connection.execute("SET maintenance_work_mem = '512MB'")
        for index in indexes:
            await connection.execute(index["definition"])
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def accounts(url: str) -> list[Account]:
    """Users, each with a token that the service has signed, for their login that is in the database."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(OWNERS, ACCOUNTS)
    finally:
        await connection.close()
    tokens = AccessTokens(settings_for(url))
    return [Account(_token(tokens, row["owner_id"]), row["item"]) for row in rows]


async def administrator(url: str) -> Account:
    """Somebody who sees everybody's items, with a token."""
    connection = await asyncpg.connect(url)
    try:
        user_id = await connection.fetchval(ADMINISTRATOR)
        await connection.execute(LOGIN, user_id)
    finally:
        await connection.close()
    return Account(_token(AccessTokens(settings_for(url)), user_id), "")


def _token(tokens: AccessTokens, user_id: UUID) -> str:
    return tokens.issue(Identity(user_id=user_id, session_id=user_id))


async def backends(url: str) -> set[int]:
    """The processes that work on this database, if its server runs on this machine."""
    connection = await asyncpg.connect(url)
    try:
        return {row["pid"] for row in await connection.fetch(BACKENDS)} & proc.named("postgres")
    finally:
        await connection.close()


async def forget_new_items(url: str) -> None:
    """Take away what W4 has added, so that no contender meets a larger table than another."""
    await execute(url, "DELETE FROM items WHERE created_at > '2026-06-01'", "TRUNCATE audit_events")
    await execute(url, "VACUUM ANALYZE items", "CHECKPOINT")
