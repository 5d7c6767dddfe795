"""What blocks, looked up by the path that defines it."""

from functools import cache
from typing import NamedTuple

from shipworthy.check.catalogue import cloud, commerce, databases, machine, models, network, services

FUNCTIONS = (
    databases.FUNCTIONS
    | network.FUNCTIONS
    | machine.FUNCTIONS
    | cloud.FUNCTIONS
    | models.FUNCTIONS
    | services.FUNCTIONS
    | commerce.FUNCTIONS
)
METHODS = (
    databases.METHODS
    | network.METHODS
    | machine.METHODS
    | cloud.METHODS
    | models.METHODS
    | services.METHODS
    | commerce.METHODS
)
MADE = databases.MADE | network.MADE | machine.MADE | cloud.MADE | models.MADE | services.MADE
COMPUTING = machine.COMPUTING | models.COMPUTING | services.COMPUTING
FAMILIES = {
    family: (frozenset(names.split()), twin)
    for family, (names, twin) in (models.FAMILIES | services.FAMILIES).items()
}
OTHERWISE = {  # what the asynchronous class has another name for
    "sqlalchemy.ext.asyncio.AsyncSession.query": "sqlalchemy.ext.asyncio.AsyncSession.execute",
    "sqlalchemy.ext.asyncio.AsyncSession.exec": "sqlmodel.ext.asyncio.session.AsyncSession.exec",
}
MEMOISED = {
    "lru_cache", "cache", "cached", "cached_property", "alru_cache", "ttl_cache", "memoize", "lru",
    "memoized",
    "async_lru", "singleton",
    "cachedmethod", "cache_data", "cache_resource",
}  # fmt: skip
SAME = {  # a path by which something can be imported, too
    "sqlalchemy.orm.session.Session": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.session.sessionmaker": "sqlalchemy.orm.sessionmaker",
    "sqlalchemy.orm.scoping.scoped_session": "sqlalchemy.orm.scoped_session",
    "sqlalchemy.engine.Engine": "sqlalchemy.Engine",
    "sqlalchemy.engine.base.Engine": "sqlalchemy.Engine",
    "sqlalchemy.engine.create_engine": "sqlalchemy.create_engine",
    "sqlalchemy.engine.Connection": "sqlalchemy.Connection",
    "sqlalchemy.engine.base.Connection": "sqlalchemy.Connection",
    "sqlalchemy.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.session.async_sessionmaker": "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlmodel.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlmodel.Session": "sqlalchemy.orm.Session",
    "sqlmodel.orm.session.Session": "sqlalchemy.orm.Session",
    "sqlmodel.create_engine": "sqlalchemy.create_engine",
    "redis.StrictRedis": "redis.Redis",
    "redis.client.Redis": "redis.Redis",
    "redis.cluster.RedisCluster": "redis.Redis",
    "redis.RedisCluster": "redis.Redis",
    "aioredis.from_url": "redis.asyncio.from_url",
    "pymongo.mongo_client.MongoClient": "pymongo.MongoClient",
    "boto3.Session": "boto3.session.Session",
    "botocore.client.BaseClient": "boto3.client()",
    "psycopg2.extensions.connection": "psycopg2.connection",
    "psycopg2.extensions.cursor": "psycopg2.cursor",
    "mysql.connector.connection.MySQLConnection": "mysql.connector.Connection",
    "pymysql.connections.Connection": "pymysql.Connection",
    "requests.sessions.Session": "requests.Session",
    "requests.api.get": "requests.get",
    "requests.api.post": "requests.post",
    "qdrant_client.qdrant_client.QdrantClient": "qdrant_client.QdrantClient",
    "starlette.datastructures.UploadFile": "fastapi.UploadFile",
    "fastapi.datastructures.UploadFile": "fastapi.UploadFile",
    "openai.lib.azure.AzureOpenAI": "openai.AzureOpenAI",
    "argon2._password_hasher.PasswordHasher": "argon2.PasswordHasher",
    "tempfile._TemporaryFileWrapper": "io.IOBase",
    "typing.BinaryIO": "io.IOBase",
    "typing.TextIO": "io.IOBase",
    "docker.client.DockerClient": "docker.DockerClient",
    "kubernetes.client.api.core_v1_api.CoreV1Api": "kubernetes.client.CoreV1Api",
    "twilio.rest.TwilioRestClient": "twilio.rest.Client",
    "binance.Client": "binance.client.Client",
    "google.cloud.storage.client.Client": "google.cloud.storage.Client",
    "google.cloud.storage.Bucket": "google.cloud.storage.Client",
    "google.cloud.storage.Blob": "google.cloud.storage.Client",
    "google.cloud.firestore_v1.Client": "google.cloud.firestore.Client",
    "google.cloud.firestore_v1.client.Client": "google.cloud.firestore.Client",
    "firebase_admin.firestore.Client": "google.cloud.firestore.Client",
    "google.cloud.firestore.CollectionReference": "google.cloud.firestore.Client",
    "google.cloud.firestore.DocumentReference": "google.cloud.firestore.Client",
    "supabase.client.Client": "supabase.Client",
    "supabase._sync.client.SyncClient": "supabase.Client",
    "supabase.SyncClient": "supabase.Client",
    "slack_sdk.web.client.WebClient": "slack_sdk.WebClient",
    "pymilvus.orm.collection.Collection": "pymilvus.Collection",
    "celery.app.base.Celery": "celery.Celery",
    "jwt.jwks_client.PyJWKClient": "jwt.PyJWKClient",
    "stripe._stripe_client.StripeClient": "stripe.StripeClient",
    "git.Repo": "git.repo.base.Repo",
    "pathlib.PosixPath": "pathlib.Path",
    "pathlib.PurePath": "pathlib.Path",
}
BOTO_STUBS = ("mypy_boto3_", "types_boto3_")
LIBRARIES = {
    *(path.partition(".")[0] for path in (*FUNCTIONS, *METHODS, *MADE, *SAME) if "." in path),
    *FAMILIES,
}


class Methods(NamedTuple):
    """The blocking methods of a class."""

    every: bool
    deep: bool
    names: frozenset[str]
    others: frozenset[str]
    twin: str


@cache
def methods(owner: str) -> Methods | None:
    """The row of a class in the catalogue."""
    if owner not in METHODS:
        return None
    written, twin = METHODS[owner]
    names, _, others = written.partition(" - ")
    words = frozenset(names.split())
    deep = "**" in words
    return Methods(deep or "*" in words, deep, words, frozenset(others.split()), twin)


@cache
def twin(path: str) -> str | None:
    """What to await instead of what blocks; nothing if it does not block."""
    if path in FUNCTIONS:
        return FUNCTIONS[path]
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        row = methods(".".join(parts[:cut]))
        rest = parts[cut:]
        if row and (".".join(rest) in row.names or all_of(row, rest) or ends(row.names, rest, "~")):
            if rest[-1].startswith("__"):
                return row.twin
            last = rest[-1:] if "()" in ".".join(rest) else rest
            other = row.twin if row.twin.startswith("anyio.") else f"{row.twin}.{'.'.join(last)}"
            return OTHERWISE.get(other, other)
    names, other = FAMILIES.get(parts[0], (frozenset[str](), ""))
    return other.replace("*", parts[-1]) if ends(names, parts[1:]) else None


def ends(names: frozenset[str], rest: list[str], mark: str = "") -> bool:
    """Whether the last of several calls in a row blocks, and none before it does."""
    found = [f"{mark}{each.removesuffix('()')}" in names for each in rest]
    return any(found) and found.index(True) == len(rest) - 1 and not rest[-1].endswith("()")


def all_of(row: Methods, rest: list[str]) -> bool:
    """Whether a class blocks in every method, and this is one."""
    return (
        row.every
        and (row.deep or len(rest) == 1)
        and rest[0] not in row.others
        and not rest[-1].startswith("_")
    )


def canonical(path: str) -> str:
    """One name for what can be imported by several, and for the classes that only stubs have."""
    if path.startswith(BOTO_STUBS) and path.endswith(("Client", "ServiceResource")):
        return f"boto3.{'client' if path.endswith('Client') else 'resource'}()"
    return SAME.get(path, path)


@cache
def is_computing(path: str) -> bool:
    """Whether it keeps the processor busy, and waits for nothing."""
    return bool({path, path.rpartition(".")[0], path.partition(".")[0]} & COMPUTING)


@cache
def gives(path: str) -> str | None:
    """What calling or reading something of a library gives, where its name does not say it."""
    owner, _, name = path.rpartition(".")
    made = MADE.get(path)
    if made is None and f"{owner}.*" in MADE and not name.startswith("_"):
        row = methods(owner)
        made = None if row and (name in row.names or all_of(row, [name])) else MADE[f"{owner}.*"]
    return made
