"""The docs page as a person meets it, in a real browser without a network."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import pytest
from playwright.async_api import Page, Response, async_playwright, expect

from tests.apps import UNCONNECTED, app_of
from tests.processes import Service, serving
from tests.support import PASSWORD

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass
class Visit:
    """An open page, and everything it asked for or complained about."""

    page: Page
    server: Service
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    answers: dict[str, Response] = field(default_factory=dict)


@pytest.fixture
async def visit(database_url: str, database: asyncpg.Connection) -> AsyncIterator[Visit]:
    """The docs page of a running service, with an account ready to log in."""
    assert database
    with serving(database_url) as server:
        async with server.client() as client:
            ada = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}
            assert (await client.post("/users", json=ada)).status_code == 201
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = await browser.new_page(viewport={"width": 1280, "height": 900})
            visit = Visit(page, server)
            page.on("console", lambda message: visit.console.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: visit.console.append(f"error: {error}"))
            page.on("request", lambda request: visit.requests.append(request.url))
            page.on("response", lambda answer: visit.answers.update({answer.url: answer}))
            await page.goto(f"{server.url}/docs")
            await expect(page.get_by_role("button", name="Authorize")).to_be_visible()
            yield visit
            await browser.close()


async def test_the_docs_page_loads_from_this_host_alone_and_without_a_complaint(visit: Visit) -> None:
    document = app_of(UNCONNECTED).openapi()
    await expect(visit.page.locator(".opblock")).to_have_count(sum(map(len, document["paths"].values())))
    if picture := os.environ.get("DOCS_PICTURE"):  # how docs/images/docs-page.png is made
        await visit.page.screenshot(path=picture)

    assert visit.console == []
    foreign = [url for url in visit.requests if not url.startswith((visit.server.url, "data:"))]
    assert foreign == []


async def test_the_authorize_button_logs_in_and_try_it_out_sends_the_token(visit: Visit) -> None:
    page = visit.page
    await page.get_by_role("button", name="Authorize").click()
    await page.locator("#oauth_username").fill("ada@example.com")
    await page.locator("#oauth_password").fill(PASSWORD)
    await page.locator(".auth-btn-wrapper .authorize").click()
    await expect(page.get_by_role("heading", name="Authorized", exact=True)).to_be_visible()
    await page.locator(".auth-btn-wrapper .btn-done").click()

    await page.locator("#operations-users-get_me .opblock-summary-control").click()
    await page.locator("#operations-users-get_me").get_by_role("button", name="Execute").click()

    answer = page.locator("#operations-users-get_me .live-responses-table .response .response-col_status")
    await expect(answer).to_contain_text("200")
    assert [line for line in visit.console if line.startswith("error")] == []
