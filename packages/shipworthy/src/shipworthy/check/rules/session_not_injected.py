"""A route handler opens a database session itself.

Nothing can replace it in a test, and what the route calls opens another one:
one request, two transactions.

Bad:

    from fastapi import FastAPI
    from sqlalchemy.orm import sessionmaker

    app = FastAPI()
    Local = sessionmaker()

    class Users: ...

    @app.get("/users")
    def list_users() -> list[str]:
        with Local() as session:
            return Users().names(session)

Good:

    from typing import Annotated
    from fastapi import Depends, FastAPI

    app = FastAPI()

    class Users: ...

    @app.get("/users")
    def list_users(users: Annotated[Users, Depends()]) -> list[str]:
        return users.names()

It does not see sessions that a helper of the route opens.

Shipworthy's own service has one alias for its session, which only dependencies
use.

Measured on 39 public repositories: 3 told, 3 read, 3 right.
On 48 repositories that it was not tuned on: 6 told, 2 right; the others closed
a session that was injected, and are no longer told.
On 18 others, drawn by chance: 2 read, 2 right.
On 21 others, drawn by chance: 4 told, 4 right.
On 35 others, drawn by chance: 6 read, 6 right.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.database import SESSIONS
from shipworthy.check.nodes import own_nodes
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.types import SAME_AS_ARGUMENT

CODE = "SW404"
PRACTICE, SEVERITY, CONFIDENCE = "sessions are injected", "warning", "high"


def check(route: Route, world: World) -> Iterator[Problem]:
    """Look for a session that is made, or taken out of a dependency by hand, in the handler."""
    for node in sorted(own_nodes(route.code.node), key=lambda each: getattr(each, "lineno", 0)):
        if isinstance(node, ast.Call) and opens(node, route, world):
            name = route.code.node.name
            yield Problem(node, f"`{name}` opens its own session; ask for one with `Depends`")
            return


def opens(node: ast.Call, route: Route, world: World) -> bool:
    """Whether a call makes a session: its class, a session maker, or `next(get_db())`."""
    callee = world.types.callee(node.func, route.code) or ""
    if callee in SAME_AS_ARGUMENT - {"next", "anext"}:
        return False  # `closing(session)` opens nothing
    if callee in {"next", "anext"} and node.args:
        return world.types.callee(getattr(node.args[0], "func", node), route.code) in world.depended
    made = set(world.types.bases(world.types.of(node, route.code) or ""))
    return callee.endswith("sessionmaker()") or (
        callee not in world.project.functions and bool(SESSIONS & made)
    )
