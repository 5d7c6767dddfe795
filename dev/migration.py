"""`make migration name=orders`: write the next migration: what the models have and the database lacks."""

import asyncio
import os
import sys

from alembic import command
from alembic.config import Config

from app.core import migrations, revisions
from app.core.config import Settings
from dev.postgres import ENV, postgres
from dev.run import DATA


def main() -> None:
    """Bring the development database to the newest migration, then compare."""
    if not (name := " ".join(sys.argv[1:]).strip()):
        sys.exit("error: name the migration: make migration name=orders")
    os.environ.setdefault("APP_ENVIRONMENT", "development")
    with postgres(DATA) as url:
        os.environ[ENV] = url
        asyncio.run(migrations.migrate(Settings()))
        config = Config(toml_file="pyproject.toml")
        following = int(revisions.head() or 0) + 1
        command.revision(config, name, autogenerate=True, rev_id=f"{following:04}")


if __name__ == "__main__":
    main()
