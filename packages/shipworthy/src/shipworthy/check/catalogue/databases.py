"""Databases, caches and queues."""

SESSION, ENGINE, CONNECTION = "sqlalchemy.orm.Session", "sqlalchemy.Engine", "sqlalchemy.Connection"
ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
CURSOR = "execute executemany fetchone fetchall fetchmany callproc copy_from copy_to copy_expert nextset"
DRIVER = "commit rollback execute executemany executescript"
DATABASE, COLLECTION, QUERYSET = (
    "pymongo.database.Database",
    "pymongo.collection.Collection",
    "django.QuerySet",
)
PSYCOPG2_POOLS = ("SimpleConnectionPool", "ThreadedConnectionPool", "AbstractConnectionPool")
DBAPI = "PEP 249 connection", "PEP 249 cursor"  # of whatever driver
DRIVERS = {  # module: the names of its connection and cursor, and the twin
    "sqlite3": ("Connection", "Cursor", "aiosqlite.Connection"),
    "psycopg2": ("connection", "cursor", "psycopg.AsyncConnection"),
    "psycopg": ("Connection", "Cursor", "psycopg.AsyncConnection"),
    "pymysql": ("Connection", "Cursor", "aiomysql.Connection"),
    "MySQLdb": ("Connection", "Cursor", "aiomysql.Connection"),
    "mysql.connector": ("Connection", "Cursor", "mysql.connector.aio.MySQLConnection"),
    "cx_Oracle": ("Connection", "Cursor", "oracledb.AsyncConnection"),
    "oracledb": ("Connection", "Cursor", "oracledb.AsyncConnection"),
    "pyodbc": ("Connection", "Cursor", "aioodbc.Connection"),
    "pymssql": ("Connection", "Cursor", "aioodbc.Connection"),
    "duckdb": ("DuckDBPyConnection", "DuckDBPyConnection", "anyio.to_thread.run_sync"),
    "snowflake.connector": ("Connection", "Cursor", "anyio.to_thread.run_sync"),
}

FUNCTIONS = {
    "elasticsearch.helpers.bulk": "elasticsearch.helpers.async_bulk",
    "elasticsearch.helpers.scan": "elasticsearch.helpers.async_scan",
    **{f"{module}.connect": f"{twin}" for module, (_, _, twin) in DRIVERS.items()},
    "pandas.read_sql": "anyio.to_thread.run_sync",
    "pandas.read_sql_query": "anyio.to_thread.run_sync",
    "pandas.read_sql_table": "anyio.to_thread.run_sync",
}
METHODS = {
    SESSION: (
        (
            "execute scalar scalars query get get_one commit flush refresh rollback exec merge "
            "bulk_save_objects bulk_insert_mappings bulk_update_mappings begin_nested"
        ),
        ASYNC_SESSION,
    ),
    ENGINE: ("connect begin execute raw_connection", "sqlalchemy.ext.asyncio.AsyncEngine"),
    CONNECTION: (
        "execute exec_driver_sql scalar scalars commit rollback",
        "sqlalchemy.ext.asyncio.AsyncConnection",
    ),
    "sqlalchemy.MetaData": ("create_all drop_all reflect", "sqlalchemy.ext.asyncio.AsyncConnection.run_sync"),
    "redis.Redis": (
        "* - pipeline register_script pubsub lock connection_pool get_connection_kwargs from_url close",
        "redis.asyncio.Redis",
    ),
    "redis.client.Pipeline": ("execute", "redis.asyncio.client.Pipeline"),
    "redis.client.PubSub": ("get_message listen subscribe", "redis.asyncio.client.PubSub"),
    COLLECTION: (
        "* - find aggregate with_options name database find_raw_batches",
        "pymongo.AsyncMongoClient",
    ),
    DATABASE: (
        "command create_collection drop_collection list_collection_names list_collections",
        "pymongo.AsyncMongoClient",
    ),
    "pymongo.MongoClient": (
        "list_database_names drop_database server_info start_session",
        "pymongo.AsyncMongoClient",
    ),
    "pymongo.cursor.Cursor": ("to_list next count distinct __iter__", "pymongo.AsyncMongoClient"),
    "gridfs.GridFS": ("*", "gridfs.AsyncGridFS"),
    "peewee.Model": (
        "get get_or_none get_by_id get_or_create create bulk_create save delete_instance create_table",
        "playhouse.pwasyncio",
    ),
    "peewee.ModelSelect": ("get first count exists scalar execute __iter__", "playhouse.pwasyncio"),
    "peewee.Database": ("connect execute_sql create_tables", "playhouse.pwasyncio"),
    "django.Manager": (
        (
            "get create bulk_create get_or_create update_or_create count first last exists delete update "
            "aggregate in_bulk"
        ),
        "django.db.models.QuerySet.aget",
    ),
    QUERYSET: (
        (
            "get create bulk_create get_or_create update_or_create count first last exists delete update "
            "aggregate in_bulk __iter__"
        ),
        "django.db.models.QuerySet.aget",
    ),
    "django.db.models.Model": ("save delete refresh_from_db", "django.db.models.Model.asave"),
    "mongoengine.Document": ("objects save delete reload", "beanie.Document"),
    "elasticsearch.Elasticsearch": ("** - options", "elasticsearch.AsyncElasticsearch"),
    "opensearchpy.OpenSearch": ("**", "opensearchpy.AsyncOpenSearch"),
    "neo4j.Driver": ("execute_query verify_connectivity", "neo4j.AsyncGraphDatabase.driver"),
    "neo4j.Session": (
        "run execute_read execute_write read_transaction write_transaction",
        "neo4j.AsyncSession",
    ),
    "cassandra.cluster.Session": ("execute", "cassandra.cluster.Session.execute_async"),
    "clickhouse_driver.Client": ("execute query_dataframe insert_dataframe", "asynch.connect"),
    "clickhouse_connect.get_client()": (
        "query command insert query_df insert_df",
        "clickhouse_connect.get_async_client",
    ),
    "influxdb_client.InfluxDBClient": (
        "ping ~query ~query_data_frame ~write",
        "influxdb_client.client.influxdb_client_async",
    ),
    "celery.result.AsyncResult": ("get wait join", "anyio.to_thread.run_sync"),
    "celery.Celery": ("~ping ~active ~stats ~registered ~scheduled ~reserved", "anyio.to_thread.run_sync"),
    DBAPI[0]: (DRIVER, "psycopg.AsyncConnection"),
    DBAPI[1]: (CURSOR, "psycopg.AsyncConnection"),
    **{f"{module}.{cursor}": (CURSOR, twin) for module, (_, cursor, twin) in DRIVERS.items()},
    **{f"{module}.{conn}": (DRIVER, twin) for module, (conn, _, twin) in DRIVERS.items()},
}
METHODS["duckdb.DuckDBPyConnection"] = (f"{CURSOR} sql query fetchdf df", "anyio.to_thread.run_sync")
MADE = {
    "sqlalchemy.orm.sessionmaker()": SESSION,
    "sqlalchemy.orm.sessionmaker().begin": SESSION,
    "sqlalchemy.orm.scoped_session()": SESSION,
    "sqlalchemy.orm.scoped_session().__call__": SESSION,
    "sqlalchemy.ext.asyncio.async_sessionmaker()": ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.async_sessionmaker().begin": ASYNC_SESSION,
    "sqlalchemy.create_engine": ENGINE,
    "sqlalchemy.ext.asyncio.create_async_engine": "sqlalchemy.ext.asyncio.AsyncEngine",
    f"{ENGINE}.connect": CONNECTION,
    f"{ENGINE}.begin": CONNECTION,
    f"{ENGINE}.raw_connection": "psycopg2.connection",
    "fastapi_sqlalchemy.db.session": SESSION,
    "redis.from_url": "redis.Redis",
    "redis.Redis.from_url": "redis.Redis",
    "redis.Redis.pipeline": "redis.client.Pipeline",
    "redis.Redis.pubsub": "redis.client.PubSub",
    "pymongo.MongoClient.*": DATABASE,
    "pymongo.MongoClient[]": DATABASE,
    "pymongo.MongoClient.get_database": DATABASE,
    "pymongo.MongoClient.get_default_database": DATABASE,
    f"{DATABASE}.*": COLLECTION,
    f"{DATABASE}[]": COLLECTION,
    f"{DATABASE}.get_collection": COLLECTION,
    f"{COLLECTION}.find": "pymongo.cursor.Cursor",
    f"{COLLECTION}.aggregate": "pymongo.cursor.Cursor",
    "clickhouse_connect.get_client": "clickhouse_connect.get_client()",
    "django.db.models.Model.objects": "django.Manager",
    "django.Manager.*": QUERYSET,
    f"{QUERYSET}.*": QUERYSET,
    "peewee.Model.select": "peewee.ModelSelect",
    "peewee.ModelSelect.*": "peewee.ModelSelect",
    "neo4j.GraphDatabase.driver": "neo4j.Driver",
    "neo4j.Driver.session": "neo4j.Session",
    "cassandra.cluster.Cluster.connect": "cassandra.cluster.Session",
    **{f"psycopg2.pool.{pool}.getconn": "psycopg2.connection" for pool in PSYCOPG2_POOLS},
    "psycopg_pool.ConnectionPool.connection": "psycopg.Connection",
    "psycopg_pool.ConnectionPool.getconn": "psycopg.Connection",
    "psycopg.Connection.connect": "psycopg.Connection",
    "mysql.connector.pooling.MySQLConnectionPool.get_connection": "mysql.connector.Connection",
    "oracledb.create_pool": "oracledb.ConnectionPool",
    "oracledb.ConnectionPool.acquire": "oracledb.Connection",
    "asyncpg.create_pool": "asyncpg.Pool",
    "celery.Task.delay": "celery.result.AsyncResult",
    f"{DBAPI[0]}.cursor": DBAPI[1],
    **{f"{module}.connect": f"{module}.{conn}" for module, (conn, _, _) in DRIVERS.items()},
    **{f"{module}.{conn}.cursor": f"{module}.{cursor}" for module, (conn, cursor, _) in DRIVERS.items()},
}
