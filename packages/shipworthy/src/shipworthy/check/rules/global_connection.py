"""A database session or connection is opened when a module is imported, and shared by every request.

Two requests then write in one transaction, an error of one spoils the other,
and no test can give the code a database of its own.

Bad:

    import psycopg2
    from fastapi import FastAPI

    app = FastAPI()
    connection = psycopg2.connect("dbname=shop")

    @app.get("/health")
    def health() -> str:
        return "ok"

Good:

    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager
    from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

    @asynccontextmanager
    async def open_database(url: str) -> AsyncIterator[AsyncEngine]:
        engine = create_async_engine(url)
        yield engine
        await engine.dispose()

An engine or a client with a pool of its own is told with `--pedantic`: it can
be shared, but is open before the settings are known. It does not see sessions
that are kept in an object of the project.

Shipworthy's own service opens its engine in the lifespan.

Measured on 39 public repositories: 1 told, 1 read, 1 right. With `--pedantic`
14 more, all read, all right.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.database import SESSIONS
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import Source
from shipworthy.check.types import top_of

CODE = "SW403"
PRACTICE, SEVERITY, CONFIDENCE = "sessions are injected", "error", "high"
SHARED = {"sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session"}
POOLED = {
    "sqlalchemy.create_engine",
    "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlmodel.create_engine",
    "pymongo.MongoClient",
    "pymongo.AsyncMongoClient",
    "motor.motor_asyncio.AsyncIOMotorClient",
    "redis.Redis",
    "redis.from_url",
    "redis.asyncio.Redis",
    "redis.asyncio.from_url",
    "databases.Database",
}
OPENERS = {
    "psycopg2.connect",
    "psycopg.connect",
    "sqlite3.connect",
    "pymysql.connect",
    "mysql.connector.connect",
}


def check(source: Source, world: World) -> Iterator[Problem]:
    """Look at the values at the top of a module that requests use."""
    if source not in world.serving:
        return
    top = top_of(source)
    plain = {each.value for each in source.tree.body if isinstance(each, ast.Assign | ast.AnnAssign)}
    for name, value in source.values.items():
        if isinstance(value, ast.Call) and value in plain:
            path = world.types.callee(value.func, top) or ""
            kind = set(world.types.bases(world.types.of(value, top) or ""))
            if path in POOLED:
                message = f"`{name}` is made at import; open it in the lifespan"
                yield Problem(value, message, confidence="medium")
            elif path in OPENERS or (kind & (SESSIONS - SHARED)):
                yield Problem(
                    value, f"every request shares `{name}`; open a session for each in a dependency"
                )
