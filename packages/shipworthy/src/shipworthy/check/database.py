"""What talks to a database, and which classes are its rows."""

import ast
from collections.abc import Iterator

from shipworthy.check.catalogue import databases
from shipworthy.check.nodes import dotted, own_nodes
from shipworthy.check.project import Code, Project
from shipworthy.check.types import Types, locals_of

SESSIONS = {
    "sqlalchemy.orm.Session",
    "sqlalchemy.orm.scoped_session",
    "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.session.AsyncSession",
    "sqlalchemy.ext.asyncio.async_scoped_session",
    "sqlmodel.ext.asyncio.session.AsyncSession",
    "sqlalchemy.Connection",
    "sqlalchemy.engine.Connection",
    "sqlalchemy.ext.asyncio.AsyncConnection",
    "sqlite3.Connection",
    "sqlite3.Cursor",
    "aiosqlite.Connection",
    "asyncpg.Connection",
    "asyncpg.Pool",
    "psycopg.Connection",
    "psycopg.AsyncConnection",
    "psycopg2.connection",
    "databases.Database",
    "pymongo.collection.Collection",
}
DRIVEN = (
    SESSIONS
    | {  # what runs statements, though it was opened elsewhere
        "psycopg.AsyncCursor",
        "aiosqlite.Cursor",
        "aiomysql.Connection",
        "aiomysql.Cursor",
        *(f"{module}.{name}" for module, names in databases.DRIVERS.items() for name in names[:2]),
    }
)
WORK = {
    "add", "add_all", "commit", "delete", "exec", "execute", "executemany", "fetch", "fetch_all", "fetch_one",
    "flush", "get", "get_one", "merge", "query", "refresh", "rollback", "scalar", "scalars", "stream",
    "stream_scalars", "bulk_save_objects", "begin_nested",
}  # fmt: skip
DRIVERS = {  # so unusual as names that they need no receiver
    "fetchrow", "fetchval", "find_one", "find_one_and_update", "insert_one", "insert_many", "update_one",
    "update_many", "delete_one", "delete_many", "count_documents", "replace_one",
}  # fmt: skip
USUAL = {
    "db",
    "session",
    "db_session",
    "async_session",
    "database",
    "conn",
    "connection",
    "cursor",
    "cur",
    "dbsession",
}
CHAINS = {"table", "from_", "rpc"}  # of Supabase, which builds a query before it runs it
BUILDERS = ("sqlalchemy.", "sqlmodel.")
STATEMENTS = {"select", "insert", "update", "delete", "text"}
ROWS = {
    "sqlalchemy.orm.DeclarativeBase",
    "sqlalchemy.orm.DeclarativeBaseNoMeta",
    "sqlalchemy.ext.declarative.declarative_base",
    "sqlalchemy.orm.declarative_base",
    "tortoise.models.Model",
    "tortoise.Model",
    "beanie.Document",
    "peewee.Model",
    "mongoengine.Document",
    "ormar.Model",
    "odmantic.Model",
    "django.db.models.Model",
}
FINDERS = {
    "all", "filter", "find", "find_all", "find_many", "find_one", "first", "get", "get_or_none",
    "get_or_create", "create", "bulk_create", "insert", "insert_many", "select", "where", "aggregate",
}  # fmt: skip


class Database:
    """Answers for one project."""

    def __init__(self, project: Project, types: Types) -> None:
        self.project, self.types = project, types

    def calls(self, code: Code) -> Iterator[tuple[ast.Call, str]]:
        """The calls of a function that read or write the database, first to last."""
        nodes = [node for node in own_nodes(code.node) if isinstance(node, ast.Call)]
        for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
            if self.is_work(node, code):
                yield node, ast.unparse(node.func).partition("(")[0]

    def is_work(self, node: ast.Call, code: Code) -> bool:
        """Whether a call runs or writes a query."""
        callee = self.types.callee(node.func, code) or ""
        if callee.startswith(BUILDERS) and callee.rpartition(".")[2] in STATEMENTS and callee.islower():
            return True  # a function, and not what a session's answer has under the same name
        if is_chain(node, code):
            return True
        if not isinstance(node.func, ast.Attribute) or callee in self.project.functions:
            return False
        owner, name = node.func.value, node.func.attr
        kind = self.types.of(owner, code)
        if kind:
            return bool(DRIVEN & set(self.types.bases(kind))) and name in WORK
        model = self.project.resolve(dotted(owner) or "", code.source)
        usual = (dotted(owner) or "").rpartition(".")[2].lower() in USUAL
        return (
            (usual and name in WORK and not is_lookup(node))
            or name in DRIVERS
            or (name in FINDERS and self.is_row(model, foreign=True))
        )

    def is_row(self, name: str, *, foreign: bool = False) -> bool:
        """Whether a class is a table or a document; `foreign` leaves out SQLAlchemy, which has sessions."""
        for base in self.types.bases(name):
            node = self.project.classes[base][0] if base in self.project.classes else None
            if base in ROWS:
                return not (foreign and base.startswith("sqlalchemy"))
            if node and not foreign and (names_table(node) or is_table(node)):
                return True
            made = self.value(base)
            if made and not foreign and made.endswith("declarative_base"):
                return True
        return False

    def value(self, path: str) -> str | None:
        """What is called to make a value of a module."""
        module, _, name = path.rpartition(".")
        source = self.project.sources.get(module)
        value = source.values.get(name) if source else None
        return (
            self.project.resolve(dotted(value.func) or "", source)
            if source and isinstance(value, ast.Call)
            else None
        )


def is_lookup(node: ast.Call) -> bool:
    """Whether it is `session.get("user")`: a session is asked for a class, a dictionary for a word."""
    gets = isinstance(node.func, ast.Attribute) and node.func.attr == "get"
    return gets and isinstance(next(iter(node.args), None), ast.Constant)


def is_chain(node: ast.Call, code: Code) -> bool:
    """Whether it is `x.table("items").select("*").execute()`, at once or in several lines."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "execute" or node.args:
        return False
    inner = node.func.value
    starts = locals_of(code.node).get(dotted(first_of(inner)) or "", ())
    return any(each in CHAINS for start in (inner, *starts) for each in called_in(start))


def called_in(node: ast.expr) -> Iterator[str]:
    """The methods that are called with something one after the other, last to first."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.args:
            yield node.func.attr
        node = node.func.value


def first_of(node: ast.expr) -> ast.expr:
    """What the first of several methods is called on."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node


def names_table(node: ast.ClassDef) -> bool:
    """Whether a class says which table it is."""
    lines = (line for line in node.body if isinstance(line, ast.Assign | ast.AnnAssign))
    targets = (line.targets[0] if isinstance(line, ast.Assign) else line.target for line in lines)
    return any(dotted(target) in {"__tablename__", "__table__"} for target in targets)


def is_table(node: ast.ClassDef) -> bool:
    """Whether a SQLModel is a table."""
    return any(each.arg == "table" and ast.unparse(each.value) == "True" for each in node.keywords)
