"""The service with many more routes, as a growing team would add them; BENCH_ROUTES says how many."""

import os
from uuid import UUID

from fastapi import APIRouter, FastAPI

from app.main import create_app
from app.routers import items
from app.schemas.health import Health

ROUTES_OF_A_DOMAIN = 5
LAST = "/api/v1/things-{domain}/019b70e4-c64f-7d10-81c8-8c94503d0740"


async def touch(_: UUID) -> Health:
    """Answer; finding the route is what is measured."""
    return Health()


async def answer() -> Health:
    """Answer."""
    return Health()


def create() -> FastAPI:
    """``create_app()`` and domains of five routes each, included as those of the service are."""
    app = create_app()
    for number in range(int(os.environ["BENCH_ROUTES"]) // ROUTES_OF_A_DOMAIN):
        app.include_router(domain(f"things-{number}"), prefix="/api/v1")
    return app


def domain(name: str) -> APIRouter:
    """Five routes over one kind of thing, in a router of the class that the service's own are of."""
    router = type(items.router)(prefix=f"/{name}")
    router.post("")(answer)
    router.get("")(answer)
    for add in (router.patch, router.delete, router.get):
        add("/{_}")(touch)
    return router
