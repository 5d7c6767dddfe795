"""OpenID Connect is off until configured, and a provider that is away or confused takes nothing else down."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from httpx2 import AsyncClient
from joserfc.jwk import ECKey
from pydantic import ValidationError

from app.core.config import Settings
from tests.apps import app_of
from tests.browsing import GRACE, log_in, oidc_settings, open_browser, way_back
from tests.oidc_provider import CLIENT_SECRET, POST, provider
from tests.processes import free_port, serving
from tests.support import Person, assert_problem, make_settings, running

ROUTES = ["/auth/oidc/login", "/auth/oidc/callback?state=x&code=y"]
PRODUCTION = {
    "environment": "production",
    "secret_key": "a-secret-of-this-test-and-of-nothing-else",
    "http": {"allowed_hosts": ("localhost",)},
    "mail": {"smtp_host": "localhost"},
}
KEY = ECKey.generate_key("P-256").as_dict(private=False)
Answer = Callable[[str, str], tuple[str, bytes]]


@asynccontextmanager
async def browsing(settings: Settings, base: str = "http://localhost") -> AsyncIterator[AsyncClient]:
    """A browser of an app with these settings."""
    async with running(app_of(settings)) as service, open_browser(service, base) as browser:
        yield browser


@pytest.mark.parametrize("route", ROUTES)
async def test_without_a_provider_the_routes_are_not_there(anonymous: AsyncClient, route: str) -> None:
    assert_problem(await anonymous.get(route), 404, "oidc-disabled")


@pytest.mark.parametrize("missing", ["issuer", "client_id", "client_secret", "redirect_url"])
def test_a_provider_is_never_half_configured(missing: str) -> None:
    oidc = oidc_settings("https://id.example.com")
    del oidc[missing]

    with pytest.raises(ValidationError, match=f"only partly set, these are missing: {missing}"):
        make_settings("postgresql://unused", oidc=oidc)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "http://id.example.com"),
        ("issuer", "https://id.example.com?tenant=1"),
        ("issuer", "id.example.com"),
        ("redirect_url", "https://api.example.com/elsewhere"),
        ("redirect_url", "http://api.example.com/api/v1/auth/oidc/callback"),
        ("scopes", "email profile"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(name: str, value: str) -> None:
    oidc = oidc_settings("https://id.example.com") | {name: value}

    with pytest.raises(ValidationError, match=f"oidc.{name}"):
        make_settings("postgresql://unused", oidc=oidc)


@pytest.mark.parametrize(
    ("issuer", "redirect"),
    [("http://localhost", "https://a.example"), ("https://a.example", "http://localhost")],
)
def test_production_refuses_a_provider_without_encryption(issuer: str, redirect: str) -> None:
    oidc = oidc_settings(issuer) | {"redirect_url": f"{redirect}/api/v1/auth/oidc/callback"}

    with pytest.raises(
        ValidationError, match="APP_OIDC_ISSUER and APP_OIDC_REDIRECT_URL must begin with https"
    ):
        make_settings("postgresql://unused", oidc=oidc, **PRODUCTION)


async def test_a_provider_that_is_away_makes_its_login_unavailable_and_nothing_else(
    database_url: str, ada: Person
) -> None:
    settings = make_settings(database_url, oidc=oidc_settings(f"http://127.0.0.1:{free_port()}"))
    async with browsing(settings) as browser:
        answer = await browser.get("/auth/oidc/login")

        assert_problem(answer, 503, "oidc-provider-unavailable")
        assert "retry-after" in answer.headers
        form = {"username": ada.email, "password": ada.password}
        assert (await browser.post("/auth/token", data=form)).status_code == 200
        assert (await browser.get("http://localhost/health/ready")).status_code == 200


async def test_a_provider_may_go_away_in_the_middle_of_a_login(
    database_url: str, database: asyncpg.Connection
) -> None:
    with provider() as away:
        async with browsing(make_settings(database_url, oidc=oidc_settings(away.issuer))) as browser:
            back = await way_back(browser, GRACE)
            away.stop()

            assert_problem(await browser.get(back), 503, "oidc-provider-unavailable")

    assert await database.fetchval("SELECT count(*) FROM users") == 0
    assert await database.fetchval("SELECT count(*) FROM oidc_logins") == 0  # it is used up all the same


@pytest.mark.usefixtures("database")  # which cleans up
async def test_logins_begun_from_one_address_are_limited(database_url: str) -> None:
    settings = make_settings(database_url, oidc=oidc_settings(f"http://127.0.0.1:{free_port()}"))
    async with browsing(settings) as browser:
        answers = [await browser.get(ROUTES[number % 2]) for number in range(200)]

        assert {answer.status_code for answer in answers} == {400, 503}
        for route in ROUTES:
            assert_problem(await browser.get(route), 429, "too-many-requests")


def configuration(url: str, **changes: object) -> bytes:
    """What a provider publishes, and for brevity its keys in the same document."""
    paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
    endpoints = {name: f"{url}/{path}" for name, path in paths.items()}
    return json.dumps({"issuer": url, **endpoints, "keys": [KEY], **changes}).encode()


def sends(status: str = "200 OK", body: bytes | None = None, **changes: object) -> Answer:
    """Answers everything alike, but for the place that it redirects to."""
    return lambda url, path: (
        ("200 OK", configuration(url))
        if path == "/elsewhere"
        else (status, configuration(url, **changes) if body is None else body)
    )


@asynccontextmanager
async def talking(answer: Answer) -> AsyncIterator[str]:
    """The issuer of a provider that has its own idea of the protocol."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        status, body = answer(issuer, request.split()[1])
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield issuer


@pytest.mark.parametrize(
    "answer",
    [
        sends("500 Oops"),
        sends("302 Found\r\nLocation: /elsewhere"),
        sends(body=b"<html>Welcome to the hotel's wireless network</html>"),
        sends(body=b"[]"),
        sends(body=b"[" * 100_000),
        sends(body=b"\xff\xfe"),
        sends("200 OK\r\nContent-Encoding: gzip", gzip.compress(b"{}")),
        sends(padding="x" * 300_000),
        sends(issuer="https://evil.example"),
        sends(token_endpoint=7),
        sends(jwks_uri="file:///etc/passwd"),
        sends(jwks_uri="http://["),
        sends(keys=[]),
        sends(keys=7),
        sends(keys=[7]),
        sends(keys=[{"kty": "RSA", "n": 1, "e": None}]),
    ],
)
async def test_a_provider_that_talks_nonsense_is_unavailable(database_url: str, answer: Answer) -> None:
    async with (
        talking(answer) as issuer,
        browsing(make_settings(database_url, oidc=oidc_settings(issuer))) as browser,
    ):
        assert_problem(await browser.get("/auth/oidc/login"), 503, "oidc-provider-unavailable")


@pytest.mark.parametrize("answer", [sends(), sends(keys=[{"kty": "of the future"}, KEY])])
@pytest.mark.usefixtures("database")  # which cleans up
async def test_a_provider_that_makes_sense_is_gone_to(database_url: str, answer: Answer) -> None:
    async with (
        talking(answer) as issuer,
        browsing(make_settings(database_url, oidc=oidc_settings(issuer))) as browser,
    ):
        departure = await browser.get("/auth/oidc/login", follow_redirects=False)

    assert departure.headers["location"].startswith(f"{issuer}/authorize?")


async def test_a_provider_may_want_the_secret_in_the_form(
    database_url: str, database: asyncpg.Connection
) -> None:
    with provider(client_authentication=POST) as particular:
        async with browsing(make_settings(database_url, oidc=oidc_settings(particular.issuer))) as browser:
            answer = await log_in(browser, GRACE)

    assert answer.status_code == 200
    assert await database.fetchval("SELECT count(*) FROM oidc_identities") == 1


async def test_in_production_all_is_encrypted_and_no_other_host_can_plant_the_cookie(
    database_url: str, database: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path / "provider.pem")
    with provider(certificate) as secure:
        oidc = oidc_settings(secure.issuer)
        oidc["redirect_url"] = oidc["redirect_url"].replace("http:", "https:")
        settings = make_settings(database_url, oidc=oidc, **PRODUCTION)
        async with browsing(settings, "https://localhost") as browser:  # which does not trust the certificate
            assert_problem(await browser.get("/auth/oidc/login"), 503, "oidc-provider-unavailable")

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with browsing(settings, "https://localhost") as browser:
            departure = await browser.get("/auth/oidc/login", follow_redirects=False)
            answer = await log_in(browser, GRACE)

    name, *rest = departure.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-oidc_login=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(rest)
    assert answer.status_code == 200, answer.text
    assert await database.fetchval("SELECT count(*) FROM oidc_identities") == 1


async def test_the_served_app_logs_people_in_too(database_url: str, database: asyncpg.Connection) -> None:
    with provider() as there:
        variables = {f"APP_OIDC_{name.upper()}": value for name, value in oidc_settings(there.issuer).items()}
        with serving(database_url, **variables) as server:
            async with server.client() as browser:
                back = urlsplit(await way_back(browser, GRACE))
                answer = await browser.get(f"/auth/oidc/callback?{back.query}")
            await server.stop()
            log = server.stdout.read_text() + server.stderr.read_text()

    assert answer.status_code == 200, answer.text
    assert await database.fetchval("SELECT count(*) FROM oidc_identities") == 1
    sent = [each for values in parse_qs(back.query).values() for each in values]
    secrets = [*sent, answer.json()["access_token"], answer.json()["refresh_token"], CLIENT_SECRET]
    assert "/api/v1/auth/oidc/callback" in log
    assert [each for each in secrets if each in log] == []


def make_certificate(path: Path) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, and its key, in one file."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "id")]),
    )
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    return path
