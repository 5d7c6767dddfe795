"""Writing migrations."""

import shutil
from pathlib import Path

from alembic import command
from alembic.config import Config

from app.core.revisions import LOCATION, head


def test_the_next_migration_can_be_written(tmp_path: Path) -> None:
    shutil.copytree(LOCATION, tmp_path / "migrations")
    config = Config()
    config.set_main_option("script_location", str(tmp_path / "migrations"))

    script = command.revision(config, "orders", rev_id="9999")

    text = Path(script.path).read_text()  # type: ignore[union-attr]
    compile(text, "orders", "exec")
    assert text.startswith(f'"""orders.\n\nRevision ID: 9999\nRevises: {head()}\n')
