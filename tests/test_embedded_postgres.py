"""The PostgreSQL of the wheel."""

from pathlib import Path

import pytest

from dev.postgres import ENV, NoPostgres, postgres


def test_the_embedded_postgres_says_that_it_takes_no_path_with_a_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENV, raising=False)

    with (
        pytest.raises(NoPostgres, match=r"path with a space.*set DATABASE_URL"),
        postgres(tmp_path / "my data"),
    ):
        pass
