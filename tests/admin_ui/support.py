"""The admin UI as a browser sees it: cookies, forms with their tokens, and where a request comes from."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from html.parser import HTMLParser
from typing import Any

from fastapi.routing import iter_route_contexts
from httpx2 import AsyncClient, Response
from starlette.types import ASGIApp

from tests.apps import UNCONNECTED, app_of
from tests.support import PASSWORD, Person, open_client

HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
ACTIVE = {"script", "style", "iframe", "object", "embed", "base", "b"}  # the last is what Mallory writes
NOWHERE = "0198c0de-0000-7000-8000-000000000000"
APP = app_of(UNCONNECTED)
ROUTES = [
    (method, str(route.path))
    for route in iter_route_contexts(APP.routes)
    if (route.path or "").startswith("/admin") and route.methods
    for method in route.methods
]
ANYONES = {("GET", "/admin/login"), ("POST", "/admin/login")}
OWN = [route for route in ROUTES if route not in ANYONES]


class Browser:
    """Somebody at the admin UI."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **options: Any) -> Response:  # noqa: ANN401 - httpx2's own
        return await self.client.get(path, **options)

    async def send(self, path: str, *, seen: str | None = None, **fields: object) -> Response:
        """Fill in the form of a page, which is the one that it is sent to unless said otherwise."""
        token = await self.token(path if seen is None else seen)
        return await self.client.post(path, data={"form_token": token, **fields}, headers=HERE)

    async def token(self, path: str) -> str:
        """The token of a page's forms."""
        page = await self.get(path)
        assert page.status_code == 200, page.text
        return form_token(page)

    async def log_in(self, email: str, password: str = PASSWORD, **fields: str) -> Response:
        return await self.send("/login", email=email, password=password, **fields)

    def cookie(self) -> str:
        return str(self.client.cookies["admin_ui"])


@asynccontextmanager
async def browsing(service: ASGIApp, base: str = "http://localhost") -> AsyncIterator[Browser]:
    """A browser that nobody has logged in with."""
    async with open_client(service, base_url=f"{base}/admin") as client:
        yield Browser(client)


def form_token(page: Response) -> str:
    [token] = set(TOKEN.findall(page.text))
    return unescape(token)


async def at_desk(browser: Browser, admin: Person) -> Browser:
    """The browser, once the administrator has logged in with it."""
    answer = await browser.log_in(admin.email)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/admin"), answer.text
    return browser


def hidden(page: Response, name: str) -> list[str]:
    """The values of the hidden fields of this name."""
    return [unescape(each) for each in re.findall(rf'name="{name}" value="([^"]*)"', page.text)]


class Elements(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_inert(page: Response) -> None:
    """Nothing on it runs, and nothing on it leads to another host."""
    for tag, attributes in Elements(page.text).found:
        assert tag not in ACTIVE, attributes
        assert not [name for name in attributes if name.startswith("on") or name == "style"], attributes
        for name in {"href", "src", "action", "formaction"} & attributes.keys():
            assert re.match(r"(/admin|#|\?)", attributes[name] or ""), attributes
