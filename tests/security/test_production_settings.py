"""`python -m app serve` refuses to start with an insecure or broken setting, and names every one of them."""

import subprocess

import pytest

from tests.processes import environment, run

SECURE = {
    "DATABASE_URL": "postgresql://app:canary-password@127.0.0.1:1/app",
    "APP_SECRET_KEY": "canary-key-Zr41mQ8v-Zr41mQ8v-Zr41mQ8v",
    "APP_HTTP_ALLOWED_HOSTS": "api.example.com",
}


def serve(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What `serve` says, on an address that no machine has: it can never really serve."""
    return run(["-m", "app", "serve", "--host", "192.0.2.1"], environment(**settings))


@pytest.mark.parametrize(
    "changes",
    [
        {"APP_SECRET_KEY": None},
        {"APP_SECRET_KEY": "canary-short"},
        {"APP_DEBUG": "true"},
        {"APP_HTTP_ALLOWED_HOSTS": "api.example.com,*"},
        {"APP_HTTP_CORS_ORIGINS": "*"},
        {"APP_HTTP_TRUSTED_PROXIES": "*"},
        {"APP_WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/8,127.0.0.0/8"},
        {"APP_WEBHOOK_ALLOWED_NETWORKS": "0.0.0.0/0"},
        {"APP_WEBHOOK_ALLOWED_NETWORKS": "fe80::/16"},
        {"APP_WEBHOOK_ALLOWED_NETWORKS": "canary"},
        {"APP_WEBHOOK_PORTS": "443,canary"},
        {"APP_WEBHOOK_NAMESERVERS": "canary.example.com"},
        dict.fromkeys(SECURE),
        {
            "DATABASE_URL": "sqlite:///canary.db",
            "APP_SECRET_KEY": "insecure-development-secret-of-this-template",
            "APP_DEBUG": "1",
            "APP_HTTP_ALLOWED_HOSTS": "*",
            "APP_HTTP_CORS_ORIGINS": "https://app.example.com,*",
            "APP_HTTP_TRUSTED_PROXIES": "10.0.0.1,*",
        },
        {
            "DATABASE_URL": "",
            "APP_ENVIRONMENT": "canary",
            "APP_HTTP_CORS_ORIGINS": "null",
            "APP_DB_POOLSIZE": "5",
        },
    ],
    ids=lambda changes: " ".join(f"{name}={value}" for name, value in changes.items()),
)
def test_serve_refuses_an_insecure_setting_by_name_without_showing_its_value(
    changes: dict[str, str | None],
) -> None:
    result = serve({name: value for name, value in (SECURE | changes).items() if value is not None})

    lines = [line for line in result.stderr.splitlines() if line.startswith("  - ")]
    assert result.returncode == 1, result.stderr
    assert result.stderr.startswith("Error: refusing to start:\n")
    assert {line.split()[1] for line in lines} == set(changes)
    assert "canary" not in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_secure_settings_pass_so_that_the_refusals_mean_something() -> None:
    result = serve(SECURE)

    assert result.returncode == 1
    assert result.stderr.startswith("Error: cannot listen on 192.0.2.1:8000")
