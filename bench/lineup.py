"""Who takes part: how each contender is started, and what the service should reach beside it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.environments import ROOT, node_environment, python_environment


def app(module: str) -> str:
    """The application of a contender."""
    return f"bench.contenders.{module}:app"


UVICORN = ("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}")
TUNED = (*UVICORN, "--loop", "uvloop", "--http", "httptools", "--no-access-log")
GUNICORN = ("-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "10")
DJANGO = ("--env", "DJANGO_SETTINGS_MODULE=bench.contenders.django_settings", app("django_ninja"))
Command = Callable[[], list[str]]


@dataclass(frozen=True)
class Contender:
    """A program that answers the workloads; DATABASE_URL, APP_SECRET_KEY and PORT tell it how."""

    name: str
    title: str
    command: Command | None = None
    least: float | None = None  # the ratio of the service to it that must be reached, and that is aimed at
    aim: float | None = None
    root: Path = ROOT  # the checkout that its code is in
    env: dict[str, str] = field(default_factory=dict)
    url: str = ""  # of a server that somebody else has started
    tokens: tuple[str, ...] = ()
    paths: dict[str, str] = field(default_factory=dict)


def ours() -> list[str]:
    """As ``make run`` starts it: the same process also migrates and adds the administrator."""
    return [sys.executable, "-m", "dev.run"]


def python(environment: str, *arguments: str) -> Command:
    """A Python program in an environment of its own."""
    return lambda: [str(python_environment(environment)), *arguments]


def node(name: str) -> Command:
    """A Node.js program in an environment of its own."""
    return lambda: ["node", str(node_environment(name) / "server.js")]


def with_workers(number: int) -> Contender:
    """The service as in production, with several processes."""
    command = [sys.executable, "-m", "app", "serve", "--port", "{port}", "--workers", str(number)]
    env = {"APP_ENVIRONMENT": "development", "APP_LIMIT_REQUESTS": "1000000"}
    return Contender("workers", f"{number} workers", lambda: command, env=env)


def with_routes(number: int) -> Contender:
    """The service with so many more routes."""
    command = [sys.executable, *UVICORN, "--no-access-log", "--factory", "bench.many_routes:create"]
    env = {"APP_ENVIRONMENT": "development", "BENCH_ROUTES": str(number)}
    return Contender("routes", f"{number} more routes", lambda: command, env=env)


SERVICE = Contender("service", "**this service, all features on**", ours)
LINEUP = (
    SERVICE,
    Contender(
        "raw-asgi", "raw ASGI + asyncpg", python("raw-asgi", *TUNED, app("raw_asgi")), least=0.18, aim=0.32
    ),
    Contender("fastify", "Fastify + pg, same features", node("fastify"), least=0.25, aim=0.5),
    Contender(
        "starlette-asyncpg",
        "Starlette + asyncpg, bare",
        python("starlette-asyncpg", *TUNED, app("starlette_asyncpg")),
    ),
    Contender(
        "fastapi-asyncpg",
        "FastAPI + asyncpg, bare",
        python("fastapi-asyncpg", *TUNED, app("fastapi_asyncpg")),
        least=0.65,
        aim=1.0,
    ),
    Contender(
        "litestar",
        "Litestar + SQLAlchemy, bare",
        python("litestar", *TUNED, app("litestar_orm")),
        least=1.8,
        aim=3.0,
    ),
    Contender(
        "django-ninja",
        "Django Ninja, bare",
        python("django-ninja", *GUNICORN, *DJANGO),
        least=1.8,
        aim=3.0,
    ),
    Contender(
        "tutorial",
        "tutorial style, bare",
        python("tutorial", *UVICORN, app("tutorial")),
        least=2.0,
        aim=4.0,
    ),
)
