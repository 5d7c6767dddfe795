"""An administrator at the admin UI."""

from collections.abc import AsyncIterator

import pytest
from starlette.types import ASGIApp

from tests.admin_ui.support import Browser, at_desk, browsing
from tests.support import Person


@pytest.fixture
async def browser(service: ASGIApp) -> AsyncIterator[Browser]:
    """A browser that nobody has logged in with."""
    async with browsing(service) as browser:
        yield browser


@pytest.fixture
async def desk(browser: Browser, admin: Person) -> Browser:
    """Grace's browser: she is an administrator, and has logged in."""
    return await at_desk(browser, admin)
