"""What the service makes of its environment."""

import pytest

from app.core.config import Settings
from app.main import create_app
from tests.support import assert_problem, open_client, running


async def test_an_empty_metrics_token_is_no_token_so_production_keeps_metrics_to_itself(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "APP_SECRET_KEY": "a-secret-of-this-test-and-of-nothing-else",
        "APP_HTTP_ALLOWED_HOSTS": "localhost",
        "APP_METRICS_TOKEN": "",
        "APP_AUTH_ARGON2_MEMORY_KIB": "8",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    async with running(create_app()) as service, open_client(service) as client:
        answer = await client.get("http://localhost/metrics")

    assert_problem(answer, 404, "metrics-disabled")
