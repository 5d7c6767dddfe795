"""The revision of the schema: the one this code was written for, and the one the database is at."""

from functools import cache
from pathlib import Path

from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncSession

LOCATION = Path(__file__).parents[2] / "migrations"


@cache
def head() -> str | None:
    """The newest revision this version of the code knows; they are numbered, so that it takes no Alembic."""
    revisions = [file.stem.partition("_")[0] for file in LOCATION.glob("versions/[0-9]*.py")]
    return max(revisions, default=None)


async def current(session: AsyncSession) -> str | None:
    """The revision the database is at; ``None`` before the first."""
    try:
        revision: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except exc.ProgrammingError:  # no such table yet
        return None
    return revision
