"""A `yield` dependency commits only after the response has been sent.

The code after `yield` runs once the client has its answer. If the commit
fails then, the client holds a 201 for data that was never stored.
`Depends(..., scope="function")` runs it before the answer.

Bad:

    from collections.abc import AsyncIterator
    from typing import Annotated
    from fastapi import Depends
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

    async def get_session(sessions: async_sessionmaker) -> AsyncIterator[AsyncSession]:
        async with sessions.begin() as session:
            yield session

    Session = Annotated[AsyncSession, Depends(get_session)]

Good:

    from collections.abc import AsyncIterator
    from typing import Annotated
    from fastapi import Depends
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

    async def get_session(sessions: async_sessionmaker) -> AsyncIterator[AsyncSession]:
        async with sessions.begin() as session:
            yield session

    Session = Annotated[AsyncSession, Depends(get_session, scope="function")]

It is told once for each dependency, at its first `Depends`. FastAPI 0.106 to
0.117 commits before the answer: a project that keeps one of those is left alone.
It does not see commits in a context manager of another library.

The session of Shipworthy's own service is asked for with `scope="function"`,
once.

Measured on 39 public repositories: 14 told, 14 read, 14 right.
On 18 others, drawn by chance: 4 read, 4 right.
On 21 others, drawn by chance: 3 told, 3 right.
On 35 others, drawn by chance: 4 told, 1 right: the others keep a FastAPI that
commits first, as ten of those on the 39 did, and are no longer told.
"""

from collections.abc import Iterator

from shipworthy.check.fixes.routes import function_scope
from shipworthy.check.generators import commits_after_yield
from shipworthy.check.nodes import dotted
from shipworthy.check.pins import keeps_below
from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import Dependency

CODE = "SW406"
PRACTICE, SEVERITY, CONFIDENCE = "committed before the answer", "error", "high"
EARLY, LATE, SCOPED = (0, 106), (0, 118), (0, 121)  # from and to which it commits first; which knows scopes


def check(asked: Dependency, world: World) -> Iterator[Problem]:
    """Follow `Depends` to a generator, and look at what comes after its `yield`."""
    code = world.project.functions.get(asked.target or "")
    scope = asked.option("scope")
    if not code or (scope is not None and getattr(scope, "value", None) != "request"):
        return
    if commits_first(asked) or world.asked.get(code.name) is not asked.node:
        return
    if commits_after_yield(code, world.project, world.types):
        name, scoped = dotted(asked.node.args[0]) or code.node.name, not keeps(asked, SCOPED)
        advice = 'add `scope="function"`' if scoped else "commit before the route returns"
        fix = function_scope(asked.source, asked.node) if scoped else None
        yield Problem(asked.node, f"`{name}` commits after the response is sent; {advice}", fix=fix)


def commits_first(asked: Dependency) -> bool:
    """Whether a project keeps a FastAPI that ends dependencies before it answers."""
    return keeps(asked, LATE) and not keeps(asked, EARLY)


def keeps(asked: Dependency, version: tuple[int, ...]) -> bool:
    """Whether a project keeps FastAPI below a version."""
    return keeps_below("fastapi", asked.source.path, version)
