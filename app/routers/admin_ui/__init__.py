"""The admin UI: pages for administrators at /admin. Optional: docs/admin.md says how to remove it.

Templates and a style sheet; no script. The pages call the same services as the API.
"""

from pathlib import Path

from fastapi import FastAPI

from app.core.config import Settings
from app.routers.admin_ui import audit, home, items, jobs, queue, users, webhooks
from app.routers.admin_ui.pages import PREFIX
from app.routers.admin_ui.problem_pages import ProblemPages
from app.routers.docs import Assets


def add_admin_ui(app: FastAPI, settings: Settings) -> None:
    """The pages, unless they are off: all that `main` needs to know of them."""
    if settings.admin_ui if settings.admin_ui is not None else not settings.production:
        for module in (home, users, items, jobs, queue, webhooks, audit):
            app.include_router(module.router, prefix=PREFIX)
        app.mount(f"{PREFIX}/assets", Assets(directory=Path(__file__).parent / "static"))
        app.add_middleware(ProblemPages, settings=settings)
