"""What blocks, by the path that defines it, and what to await instead."""

SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
FUNCTIONS = {
    "time.sleep": "asyncio.sleep",
    "os.system": "asyncio.create_subprocess_shell",
    "urllib.request.urlopen": "httpx.AsyncClient.get",
    "smtplib.SMTP": "aiosmtplib.send",
    "smtplib.SMTP_SSL": "aiosmtplib.send",
    "socket.create_connection": "asyncio.open_connection",
    "socket.gethostbyname": "asyncio.loop.getaddrinfo",
    "psycopg2.connect": "psycopg.AsyncConnection.connect",
    "sqlite3.connect": "aiosqlite.connect",
    "open": "anyio.open_file",
    **{
        f"subprocess.{name}": "asyncio.create_subprocess_exec"
        for name in ("run", "call", "check_call", "check_output")
    },
    **{
        f"{library}.{name}": f"httpx.AsyncClient.{name}"
        for library in ("requests", "httpx")
        for name in ("get", "post", "put", "patch", "delete", "head", "options", "request")
    },
    **{
        f"shutil.{name}": "anyio.to_thread.run_sync"
        for name in ("copy", "copyfile", "copytree", "move", "rmtree")
    },
}
METHODS = {  # class: (its blocking methods, the class to use instead)
    "sqlalchemy.orm.Session": (
        {
            "execute",
            "scalar",
            "scalars",
            "query",
            "get",
            "commit",
            "flush",
            "refresh",
            "rollback",
            "exec",
            "merge",
        },
        SESSION,
    ),
    "redis.Redis": (
        {
            "get",
            "set",
            "setex",
            "delete",
            "exists",
            "incr",
            "expire",
            "hget",
            "hset",
            "publish",
            "ping",
            "keys",
        },
        "redis.asyncio.Redis",
    ),
    "requests.Session": ({"get", "post", "put", "patch", "delete", "request", "send"}, "httpx.AsyncClient"),
    "httpx.Client": ({"get", "post", "put", "patch", "delete", "request", "send"}, "httpx.AsyncClient"),
    "sqlite3.Connection": ({"execute", "executemany", "executescript", "commit"}, "aiosqlite.Connection"),
    "psycopg2.connection": ({"commit", "rollback"}, "psycopg.AsyncConnection"),
    "pathlib.Path": (
        {"read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "iterdir", "open"},
        "anyio.Path",
    ),
}
SINKS = FUNCTIONS | {
    f"{kind}.{name}": f"{twin}.{name}" for kind, (names, twin) in METHODS.items() for name in names
}
MEMOISED = {"lru_cache", "cache", "cached", "cached_property", "alru_cache"}
