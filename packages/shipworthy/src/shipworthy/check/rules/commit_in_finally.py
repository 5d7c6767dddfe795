"""A transaction is committed in `finally`, so it is committed when the request failed, too.

Half of what the route meant to write is stored, and the client is told 500.

Bad:

    from collections.abc import AsyncIterator
    from typing import Annotated
    from fastapi import Depends
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

    async def get_session(sessions: async_sessionmaker) -> AsyncIterator[AsyncSession]:
        session = sessions()
        try:
            yield session
        finally:
            await session.commit()
            await session.close()

    Session = Annotated[AsyncSession, Depends(get_session, scope="function")]

Good:

    from collections.abc import AsyncIterator
    from typing import Annotated
    from fastapi import Depends
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

    async def get_session(sessions: async_sessionmaker) -> AsyncIterator[AsyncSession]:
        async with sessions.begin() as session:
            yield session

    Session = Annotated[AsyncSession, Depends(get_session, scope="function")]

A task may mean to store how it ended: only dependencies and context managers
are looked at. It does not see commits in functions that `finally` calls.

Shipworthy's own service commits in `async with ... begin()`.

Measured on 39 public repositories: nothing told.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.generators import is_commit
from shipworthy.check.nodes import own_nodes, yields
from shipworthy.check.project import Code
from shipworthy.check.rule import Problem, World

CODE = "SW407"
PRACTICE, SEVERITY, CONFIDENCE = "committed before the answer", "error", "high"


def check(code: Code, world: World) -> Iterator[Problem]:
    """Look into every `finally`; one that is conditional knows what it does."""
    for node in own_nodes(code.node) if code.name in world.reached and yields(code.node) else ():
        for statement in node.finalbody if isinstance(node, ast.Try) else ():
            value = statement.value if isinstance(statement, ast.Expr) else None
            call = value.value if isinstance(value, ast.Await) else value
            if call is not None and is_commit(call):
                yield Problem(call, "this commits what failed, too; commit after the work, not in `finally`")
