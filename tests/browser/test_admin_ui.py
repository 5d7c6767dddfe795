"""The admin UI as an administrator meets it, in a real browser without a network."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from pydantic import SecretStr

from app.commands.create_admin import add_admin
from app.schemas.user import UserCreate
from tests.browser.test_docs_page import CHROMIUM, QUIET
from tests.processes import Service, serving
from tests.support import PASSWORD, make_settings

pytestmark = pytest.mark.browser
GRACE = "grace@example.com"
WRONG = "this is not the password"
EVIL = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
PEOPLE = ["Ada Lovelace", "Alan Turing", "Barbara Liskov", "Edsger Dijkstra", "Katherine Johnson"]
# A page that another site might have: it sends a form to ours as soon as it is loaded.
ATTACK = """
    <form method="post" action="{url}/admin/logout"><input name="form_token" value="{token}"></form>
    <script>document.forms[0].submit()</script>
"""
# Something to look at on the front page: jobs of every kind, a receiver that is away, dead mails.
SCENE = """
    INSERT INTO jobs (id, owner_id, kind, status, progress, finished_at)
    SELECT gen_random_uuid(), users.id, 'items.import', status, progress, ended FROM users, (VALUES
        ('queued', 0, NULL), ('running', 0.4, NULL), ('succeeded', 1, now()), ('succeeded', 1, now()),
        ('succeeded', 1, now()), ('failed', 0.7, now())) AS some_jobs (status, progress, ended)
    WHERE email LIKE 'a%';
    INSERT INTO webhooks (id, user_id, url, events, sealed, failing_since)
    SELECT gen_random_uuid(), id, 'https://hooks.example.com/' || lower(split_part(name, ' ', 1)),
        '{item.created}', '', now() - interval '7 hours' FROM users WHERE email LIKE 'a%';
    INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts)
    SELECT 'mail', 'mail.notice', 'failed', 8 FROM generate_series(1, 3)
"""
COUNT = "SELECT count(*) FROM items"


@dataclass
class Visit:
    """An open page, and everything it asked for or complained about."""

    page: Page
    server: Service
    browser: Browser
    database: asyncpg.Connection
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def home(self) -> str:
        return f"{self.server.url}/admin"

    async def fill_in(self, password: str = PASSWORD) -> None:
        """The login form, sent."""
        await self.page.get_by_label("Email").fill(GRACE)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Log in").click()

    async def log_in(self) -> None:
        await self.page.goto(self.home)
        await self.fill_in()
        await expect(self.page.get_by_role("heading", name="Overview")).to_be_visible()

    async def open(self, section: str) -> None:
        await self.page.get_by_role("link", name=section, exact=True).first.click()
        await expect(self.page.get_by_role("heading", name=section, exact=True)).to_be_visible()
        await self.page.wait_for_load_state()

    def assert_undisturbed(self) -> None:
        """No other host was asked for anything, and the browser did not complain."""
        assert self.console == []
        assert [url for url in self.requests if not url.startswith(self.server.url)] == []


async def watched(context: BrowserContext, visit: Visit) -> None:
    visit.page = await context.new_page()
    visit.page.on("console", lambda message: visit.console.append(f"{message.type}: {message.text}"))
    visit.page.on("pageerror", lambda error: visit.console.append(f"error: {error}"))
    visit.page.on("request", lambda request: visit.requests.append(request.url))


@pytest.fixture
async def visit(database_url: str, database: asyncpg.Connection) -> AsyncIterator[Visit]:
    """A running service with an administrator, some people and their items."""
    grace = UserCreate(email=GRACE, password=SecretStr(PASSWORD), name="Grace Hopper")
    await add_admin(make_settings(database_url), grace)
    with serving(database_url) as server:
        async with server.client() as client:
            for name in PEOPLE:
                email = f"{name.split()[0].lower()}@example.com"
                person = {"email": email, "password": PASSWORD, "name": name}
                assert (await client.post("/users", json=person)).status_code == 201
            form = {"username": "ada@example.com", "password": PASSWORD}
            token = (await client.post("/auth/token", data=form)).json()["access_token"]
            titles = ["Reading lamp", "Oak chair", EVIL]
            items = [{"title": title, "tags": ["1932"], "status": "active"} for title in titles]
            headers = {"Authorization": f"Bearer {token}"}
            assert (await client.post("/items/bulk", json={"items": items}, headers=headers)).is_success
        await database.execute(SCENE)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            visit = Visit(await context.new_page(), server, browser, database)
            await watched(context, visit)
            yield visit
            await browser.close()


async def test_an_administrator_logs_in_looks_around_and_logs_out_undisturbed(visit: Visit) -> None:
    page = visit.page
    await visit.log_in()
    if picture := os.environ.get("ADMIN_PICTURE"):  # how docs/images/admin-ui.png is made
        await page.screenshot(path=picture)
    for section in ("Users", "Items", "Jobs", "Queue", "Webhooks", "Audit trail", "Overview"):
        await visit.open(section)

    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    await page.goto(f"{visit.home}/users")
    await expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    visit.assert_undisturbed()


async def test_wrong_logins_are_refused_and_then_throttled(visit: Visit) -> None:
    alert = visit.page.get_by_role("alert")
    await visit.page.goto(visit.home)
    for _ in range(10):
        await visit.fill_in(WRONG)
        await expect(alert).to_contain_text("Wrong email or password.")

    await visit.fill_in()

    await expect(alert).to_contain_text("Too many attempts. Try again later.")


async def test_an_item_is_edited_and_deleted_after_a_question(visit: Visit) -> None:
    page = visit.page
    await visit.log_in()
    await visit.open("Items")
    await page.get_by_role("link", name="Oak chair").click()
    await page.get_by_label("Title").fill("Oak table")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved.")
    await expect(page.get_by_role("heading", name="Oak table")).to_be_visible()
    assert await visit.database.fetchval("SELECT version FROM items WHERE title = 'Oak table'") == 2

    await visit.open("Items")
    await page.get_by_label("Choose Oak table").check()
    await page.get_by_label("Choose Reading lamp").check()
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="Delete these 2?")).to_be_visible()
    assert await visit.database.fetchval(COUNT) == 3

    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("status")).to_have_text("Deleted.")
    assert await visit.database.fetchval(COUNT) == 1
    visit.assert_undisturbed()


async def test_a_user_is_disabled_and_a_batch_job_started(visit: Visit) -> None:
    page = visit.page
    await visit.log_in()
    await visit.open("Users")
    await page.get_by_role("searchbox").fill("turing")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_role("link", name="Alan Turing").click()
    await page.get_by_role("button", name="Disable").click()
    await page.get_by_role("button", name="Disable").click()
    await expect(page.get_by_role("status")).to_contain_text("Disabled")
    assert await visit.database.fetchval("SELECT email FROM users WHERE NOT is_active") == "alan@example.com"

    await visit.open("Jobs")
    await page.get_by_role("link", name="Start …").click()
    await page.get_by_label("Older Than Days").fill("365")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_text("queued")).to_be_visible()
    await visit.database.execute("UPDATE jobs SET status = 'succeeded', progress = 1, finished_at = now()")
    await expect(page.get_by_text("100%")).to_be_visible()  # the page looks by itself
    visit.assert_undisturbed()


async def test_markup_in_a_title_is_text(visit: Visit) -> None:
    page = visit.page
    await visit.log_in()
    await visit.open("Items")
    await page.get_by_role("link", name=EVIL).click()
    await expect(page.get_by_role("heading", name=EVIL)).to_be_visible()
    await page.goto(f"{visit.home}/items/question?action=delete&selected={page.url.rpartition('/')[2]}")
    await expect(page.get_by_text(EVIL)).to_be_visible()

    assert await page.title() != "run"
    assert await page.locator("script").count() == 0
    visit.assert_undisturbed()


async def test_the_policy_stops_what_a_mistake_would_let_through(visit: Visit) -> None:
    await visit.log_in()

    await visit.page.evaluate(  # as if a template had forgotten to escape
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=`run`\">')"
    )
    await asyncio.sleep(0.3)

    assert await visit.page.title() != "run"
    assert any("Content Security Policy" in line for line in visit.console)


async def test_another_sites_page_changes_nothing_even_if_it_knows_a_token(visit: Visit) -> None:
    await visit.log_in()
    token = await visit.page.locator("input[name=form_token]").first.get_attribute("value")
    page = await visit.page.context.new_page()
    evil = visit.server.url.replace("127.0.0.1", "localhost")  # the same machine, another site to a browser
    await page.route(
        f"{evil}/evil", lambda route: route.fulfill(content_type="text/html", body=attack(token))
    )

    def attack(token: str | None) -> str:
        return ATTACK.format(url=visit.server.url, token=token)

    await page.goto(f"{evil}/evil")

    await page.wait_for_url(f"{visit.server.url}/admin/logout")
    await expect(page.get_by_role("heading", name="Overview")).to_have_count(0)
    await visit.page.reload()
    await expect(visit.page.get_by_role("heading", name="Overview")).to_be_visible()


async def test_a_demoted_administrator_is_out_at_the_next_click(visit: Visit) -> None:
    await visit.log_in()
    await visit.database.execute("UPDATE users SET role = 'user' WHERE email = $1", GRACE)

    await visit.page.get_by_role("link", name="Users", exact=True).first.click()

    await expect(visit.page.get_by_text("This is for administrators.")).to_be_visible()


async def test_it_is_usable_on_a_phone_and_in_the_dark(visit: Visit) -> None:
    phone = await visit.browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    await watched(phone, visit)
    await visit.log_in()
    for section in ("Users", "Items", "Audit trail", "Overview"):
        await visit.open(section)
        width = await visit.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, section

    background = await visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(14, 17, 23)"
    visit.assert_undisturbed()
