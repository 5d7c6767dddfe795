"""A function opens a database session and never closes it.

Its connection goes back to the pool when the garbage collector gets to it;
under load the pool is empty before.

Bad:

    from fastapi import FastAPI
    from sqlalchemy.orm import sessionmaker

    app = FastAPI()
    Local = sessionmaker()

    def count() -> int:
        session = Local()
        return session.scalar("select count(*) from users")

    @app.get("/users/count")
    def count_users() -> int:
        return count()

Good:

    from fastapi import FastAPI
    from sqlalchemy.orm import sessionmaker

    app = FastAPI()
    Local = sessionmaker()

    def count() -> int:
        with Local() as session:
            return session.scalar("select count(*) from users")

    @app.get("/users/count")
    def count_users() -> int:
        return count()

It does not see that something else closes what it is handed.

Shipworthy's own service opens every session with `async with`.

Measured on 39 public repositories: 1 told, 1 read, 1 right.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.database import SESSIONS
from shipworthy.check.project import Code
from shipworthy.check.rule import Problem, World
from shipworthy.check.scopes import all_of, nodes_of

CODE = "SW405"
PRACTICE, SEVERITY, CONFIDENCE = "sessions are injected", "error", "high"
SHARED = {"sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session"}


def check(code: Code, world: World) -> Iterator[Problem]:
    """Look for a session that a local name is given, and for what becomes of the name."""
    for node in all_of(code.node, ast.Assign) if code.name in world.reached else ():
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call() as made) if opens(made, code, world):
                if not any(is_kept(each, name) for each in nodes_of(code.node)):
                    yield Problem(made, f"`{name}` is never closed; open it with `with`")


def opens(made: ast.Call, code: Code, world: World) -> bool:
    """Whether a call makes a session: its class, or a session maker."""
    callee = world.types.callee(made.func, code) or ""
    if callee.endswith("sessionmaker()"):
        return True
    kinds = set(world.types.bases(callee))
    return bool(kinds & SESSIONS) and not kinds & SHARED and callee.rpartition(".")[2][:1].isupper()


def is_kept(node: ast.AST, name: str) -> bool:
    """Whether a node closes it, enters it, gives it away or keeps it."""
    match node:
        case ast.Attribute(ast.Name(owner), "close" | "aclose" | "remove"):
            return owner == name
        case ast.withitem(ast.Name(owner)) | ast.Return(ast.Name(owner)):
            return owner == name
        case ast.Call(args=given, keywords=named):
            passed = [*given, *(each.value for each in named)]
            return any(isinstance(each, ast.Name) and each.id == name for each in passed)
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()], value=ast.Name(owner)):
            return owner == name
        case ast.Tuple(elts) | ast.List(elts):
            return any(isinstance(each, ast.Name) and each.id == name for each in elts)
    return False
