"""The page of a report as a person meets it, in a real browser without a network."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from packages.shipworthy.tests.projects import Project, Run

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ITEMS = """
    from fastapi import APIRouter
    router = APIRouter()

    @router.post("/items")
    def create_item() -> str: ...

    @router.get("/items")
    def list_items(): ...
"""


@pytest.fixture
async def page(shop: Project, run: Run) -> AsyncIterator[Page]:
    """A report of three findings, opened as a file; whatever it asks for or complains about fails."""
    shop.write("shop/items.py", ITEMS)
    run("check", "--select", "SW1,SW2", "--format", "html", "--output", "report.html")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_page(color_scheme="light")
        complaints: list[str] = []
        opened.on("request", lambda request: complaints.append(request.url))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        await opened.goto(f"file://{shop.root}/report.html")
        yield opened
        await browser.close()
    assert [each for each in complaints if not each.endswith("/report.html")] == []


async def shown(page: Page) -> list[str]:
    """The codes of the findings that can be seen."""
    return [
        str(await each.get_attribute("data-code")) for each in await page.locator("article:visible").all()
    ]


async def test_findings_are_narrowed_by_rule_file_practice_and_words(page: Page) -> None:
    assert await shown(page) == ["SW101", "SW202", "SW201"]
    await page.locator(".code", has_text="SW201").click()
    assert await shown(page) == ["SW201"]
    await page.locator(".code", has_text="SW202").click()
    assert await shown(page) == ["SW202", "SW201"]
    await page.locator(".file", has_text="main.py").click()
    assert await shown(page) == []
    await page.get_by_text("show all").click()
    assert await shown(page) == ["SW101", "SW202", "SW201"]
    await page.locator(".practice", has_text="event loop").click()
    assert await shown(page) == ["SW101"]
    await page.get_by_text("show all").click()
    await page.get_by_label("Search").fill("CREATE_item")
    assert await shown(page) == ["SW202"]
    await expect(page.locator("#shown")).to_contain_text("1 of 3 shown")


async def test_a_finding_opens_the_page_of_its_rule(page: Page) -> None:
    await page.locator("article", has_text="SW101").locator("summary").click()

    await expect(page.locator("article pre:visible")).to_contain_text("One event loop serves every request")


async def test_light_becomes_dark(page: Page) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(background)
    await page.get_by_text("light / dark").click()
    dark = await page.evaluate(background)
    await page.get_by_text("light / dark").click()

    assert light != dark
    assert await page.evaluate(background) == light


async def test_a_narrow_screen_needs_no_sideways_scrolling(page: Page) -> None:
    await page.set_viewport_size({"width": 380, "height": 800})

    assert await page.evaluate("document.documentElement.scrollWidth") <= 380
