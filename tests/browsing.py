"""A browser on its way to an OpenID Connect provider and back."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp

from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URL
from tests.processes import PLAIN

GRACE = {"sub": "g-1", "email": "Grace@Example.com", "email_verified": True, "name": "Grace Hopper"}


def oidc_settings(issuer: str) -> dict[str, str]:
    registration = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_url": REDIRECT_URL}
    return {"issuer": issuer, **registration}


def open_browser(service: ASGIApp, base: str = "http://localhost") -> AsyncClient:
    """Follows redirects between the service and the provider, and keeps the cookies of both."""
    here = ASGITransport(service, raise_app_exceptions=False)
    return AsyncClient(
        base_url=f"{base}/api/v1",
        mounts={"all://localhost": here},
        follow_redirects=True,
        verify=base.startswith("https:") or PLAIN,
    )


async def log_in(browser: AsyncClient, person: dict[str, Any], **how: object) -> Response:
    """The whole way: to the provider, through its page, and back."""
    page = await browser.get("/auth/oidc/login")
    assert page.status_code == 200, page.text
    return await fill_in(browser, str(page.url), person, **how)


async def fill_in(browser: AsyncClient, page: str, person: dict[str, Any], **how: object) -> Response:
    return await browser.post(page, data={"login": json.dumps({"person": person, **how})})


async def way_back(browser: AsyncClient, person: dict[str, Any], **changes: str) -> str:
    """Where the provider sends the browser, if its request had been changed on the way there."""
    departure = await browser.get("/auth/oidc/login", follow_redirects=False)
    there = urlsplit(departure.headers["location"])
    asked = {name: each[0] for name, each in parse_qs(there.query).items()} | changes
    page = there._replace(query=urlencode(asked)).geturl()
    login = {"login": json.dumps({"person": person})}
    back = await browser.post(page, data=login, follow_redirects=False)
    assert back.status_code == 302, back.text
    return str(back.headers["location"])
