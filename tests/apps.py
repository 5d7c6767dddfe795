"""Apps that tests share. Not in `support`, which processes import that need none."""

from functools import cache

from fastapi import FastAPI

from app.core.config import Settings
from app.main import create_app
from tests.support import make_settings

UNCONNECTED = make_settings("postgresql://nowhere")


@cache
def app_of(settings: Settings) -> FastAPI:
    """The app for these settings. FastAPI takes a tenth of a second to prepare one, so tests share it."""
    return create_app(settings)
