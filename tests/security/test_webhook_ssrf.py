"""Webhooks are no way inside: by no spelling of an address, no name, redirect or timing (OWASP API7)."""

import asyncio
import gzip
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from httpx2 import AsyncClient, Response

from app.core.config import Settings
from app.core.webhooks.sender import SHOWN_BYTES, Answer, open_sender
from app.core.webhooks.settings import WebhookSettings
from app.main import create_app
from tests.receiving import Answering, naming, receiving, say, status
from tests.support import Person, assert_problem, make_settings, open_client, running

PUBLIC = "93.184.215.14"
LOOPBACK = ["127.0.0.0/8", "::1/128"]
# Ways to write an address that is not public, and a few public ones that lead inside all the same.
INSIDE = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "127.0.0.1.5",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "0x7f000001",
    "0x7f.1",
    "0X7F.0.0.1",
    "127.0.0.0x1",
    "127.0.0.01",
    "①②⑦.0.0.1",
    "１２７.0.0.1",  # noqa: RUF001
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "127.0.0.1%00.example.com",
    "0.0.0.0",  # noqa: S104
    "0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "2852039166",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "168.63.129.16",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[2001:db8::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "ⓛocalhost",
    "localhost.localdomain",
    "intranet",
    "metadata.google.internal",
    "printer.local",
    "router.lan",
    "nas.home.arpa",
]
MALFORMED = [
    "",
    "hooks.example.com",
    "//hooks.example.com/",
    "https:hooks.example.com",
    "https:///hook",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "javascript:alert(1)",
    "https://ada@hooks.example.com/",
    "https://ada:secret@hooks.example.com/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks.example.com#@127.0.0.1/",
    "https://hooks.example.com/\r\nX-Evil: 1",
    "https://hooks.example.com/\x00",
    "https://hooks example.com/",
    "https://hooks..example.com/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:443:443/",
    "https://" + "a" * 64 + ".example.com/",
    "https://hooks.example.com/" + "a" * 2048,
]


@pytest.fixture
async def settings(database_url: str) -> AsyncIterator[Settings]:
    """Of a service that may call nothing but the public internet, and whose name server knows no name."""
    async with naming() as names:
        yield make_settings(database_url, webhook={"nameservers": [f"127.0.0.1:{names.port}"]})


async def register(client: AsyncClient, url: str) -> Response:
    return await client.post("/webhooks", json={"url": url, "events": ["item.created"]})


async def test_no_spelling_of_an_inner_address_is_accepted(ada: Person, database: asyncpg.Connection) -> None:
    answers = {host: await register(ada.client, f"https://{host}/hook") for host in INSIDE}

    assert [host for host, answer in answers.items() if answer.status_code != 422] == []
    assert {each["pointer"] for answer in answers.values() for each in answer.json()["errors"]} == {"/url"}
    assert await database.fetchval("SELECT count(*) FROM webhooks") == 0


async def test_what_is_no_plain_url_of_a_host_is_refused(ada: Person) -> None:
    answers = {url: await register(ada.client, url) for url in MALFORMED}

    for answer in answers.values():
        problem = assert_problem(answer, 422, "validation-failed")
        assert [each["pointer"] for each in problem["errors"]] == ["/url"]


async def test_the_public_internet_is_called_with_tls_and_at_usual_ports_only(ada: Person) -> None:
    for url in (
        "http://hooks.example.com/",
        "https://hooks.example.com:22/",
        f"http://{PUBLIC}/",
        f"https://{PUBLIC}:25/",
    ):
        assert_problem(await register(ada.client, url), 422, "url-not-allowed")


async def test_a_public_host_is_accepted_also_while_nobody_knows_its_name(ada: Person) -> None:
    for url in (
        "https://hooks.example.com/",
        "https://bücher.example:8443/ü?a=b",
        f"https://{PUBLIC}/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        "https://[64:ff9b::8.8.8.8]/",
    ):
        assert (await register(ada.client, url)).status_code == 201, url


async def test_a_change_of_the_url_is_checked_like_a_new_one(ada: Person) -> None:
    hook = await register(ada.client, "https://hooks.example.com/")
    place = f"http://localhost{hook.headers['location']}"

    answer = await ada.client.patch(place, json={"url": "https://169.254.169.254/latest/meta-data"})

    assert_problem(answer, 422, "url-not-allowed")
    assert (await ada.client.get(place)).json()["url"] == "https://hooks.example.com/"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1"], [PUBLIC, "10.0.0.1"], ["64:ff9b::7f00:1"]])
async def test_a_name_that_leads_inside_is_refused_with_one_of_many_addresses(
    database_url: str, addresses: list[str]
) -> None:
    async with naming(hooks_test=[addresses], good_test=[[PUBLIC]]) as names:
        webhook = {"nameservers": [f"127.0.0.1:{names.port}"]}
        app = create_app(make_settings(database_url, webhook=webhook))
        async with running(app) as service, open_client(service) as client:
            ada = Person("Ada", client)
            await client.post("/users", json=ada.registration)
            await ada.log_in()
            refused = await register(client, "https://hooks.test/")
            taken = await register(client, "https://good.test/")

    assert_problem(refused, 422, "url-not-allowed")
    assert taken.status_code == 201


async def post(url: str, **settings: object) -> Answer:
    """One attempt at a delivery."""
    async with open_sender(WebhookSettings.model_validate(settings)) as sender:
        return await sender.post(url, {"webhook-id": "1"}, b"{}")


async def test_a_name_that_turned_inside_after_registration_is_not_called() -> None:
    async with receiving(status(200)) as receiver, naming(hooks_test=[["127.0.0.1"]]) as names:
        at = {"nameservers": [f"127.0.0.1:{names.port}"], "ports": [str(receiver.port)]}
        refused = await post(f"https://hooks.test:{receiver.port}/", **at)
        literal = await post(f"https://127.0.0.1:{receiver.port}/", **at)

        assert (refused.error, literal.error) == ("target not allowed", "target not allowed")
        assert receiver.connections == 0
        assert names.asked == [("hooks.test", "AAAA"), ("hooks.test", "A")]


async def test_the_address_that_was_checked_is_the_one_that_is_called() -> None:
    """A name server that changes its mind between a check and a connection changes nothing."""
    rebinding = [["127.0.0.2"], ["127.0.0.1"]]
    async with (
        receiving(status(200), "127.0.0.2") as allowed,
        receiving(status(200), "127.0.0.1", allowed.port) as inner,
        naming(hooks_test=rebinding) as names,
    ):
        networks = {"allowed_networks": ["127.0.0.2/32"], "nameservers": [f"127.0.0.1:{names.port}"]}
        url = f"http://hooks.test:{allowed.port}/hook"
        first, second = await post(url, **networks), await post(url, **networks)

        assert (first.status, second.error) == (200, "target not allowed")
        [(line, headers, body)] = allowed.requests
        assert (line, body) == ("POST /hook HTTP/1.1", b"{}")
        assert headers["host"] == f"hooks.test:{allowed.port}"
        assert inner.connections == 0


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(code: int) -> None:
    async with receiving(status(200)) as inner:
        location = f"Location: http://127.0.0.1:{inner.port}/"
        async with receiving(status(code, location)) as receiver:
            answer = await post(f"http://127.0.0.1:{receiver.port}/", allowed_networks=LOOPBACK)

        assert (answer.status, answer.accepted, inner.connections) == (code, False, 0)


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(status(200)) as proxy, receiving(status(204)) as receiver:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        answer = await post(f"http://127.0.0.1:{receiver.port}/", allowed_networks=LOOPBACK)

        assert (answer.status, proxy.connections) == (204, 0)


async def endless_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"a" * 65536 + b"\r\n")
        await writer.drain()


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"a" * 65536 + b"\r\n")
        await writer.drain()


async def endless_hints(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def dripping_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Filler: ")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def dripping_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("answering", "code", "error", "longest"),
    [
        (endless_body, 200, None, 2),
        (endless_headers, None, "no proper HTTP", 2),
        (endless_hints, None, "timeout", 2.5),
        (dripping_headers, None, "timeout", 2.5),
        (dripping_body, 200, None, 2.5),
        (silence, None, "timeout", 2.5),
        (say("SSH-2.0-OpenSSH_9.6\r\n\r\n"), None, "no proper HTTP", 2),
        (say("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), None, "no proper HTTP", 2),
    ],
)
async def test_a_huge_slow_or_strange_answer_costs_neither_memory_nor_time(
    answering: Answering, code: int | None, error: str | None, longest: float
) -> None:
    started = time.monotonic()
    async with receiving(answering) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        answer = await post(url, allowed_networks=LOOPBACK, timeout=1.5)

    assert (answer.status, answer.error) == (code, error)
    assert len(answer.text) <= SHOWN_BYTES
    assert time.monotonic() - started < longest


async def test_what_comes_compressed_is_never_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    async with receiving(say(head.encode() + bomb)) as receiver:
        answer = await post(f"http://127.0.0.1:{receiver.port}/", allowed_networks=LOOPBACK)

    assert answer.status == 200
    assert len(answer.text) <= SHOWN_BYTES


async def test_a_silent_name_server_and_a_closed_port_are_failures_that_tell_nothing_of_us() -> None:
    async with receiving(status(200)) as receiver, naming() as names:
        at = {"nameservers": [f"127.0.0.1:{names.port}"], "allowed_networks": LOOPBACK, "timeout": 1}
        silent = await post(f"http://silent.test:{receiver.port}/", **at)
        unknown = await post(f"http://unknown.test:{receiver.port}/", **at)
        port = receiver.port
    closed = await post(f"http://127.0.0.1:{port}/", allowed_networks=LOOPBACK)

    assert [each.error for each in (silent, unknown, closed)] == [
        "timeout",
        "host unknown",
        "connection failed",
    ]


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of a server for hooks.test, whose certificate the service trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=hooks.test")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(hours=1))
    builder = builder.not_valid_after(datetime.now(UTC) + timedelta(hours=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.test")]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    file = tmp_path / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_tls_proves_the_name_although_the_address_is_called(tls: ssl.SSLContext) -> None:
    names_of_both = {"hooks_test": [["127.0.0.1"]], "other_test": [["127.0.0.1"]]}
    async with receiving(status(200), tls=tls) as receiver, naming(**names_of_both) as names:
        at = {"nameservers": [f"127.0.0.1:{names.port}"], "allowed_networks": LOOPBACK}
        named = await post(f"https://hooks.test:{receiver.port}/", **at)
        other = await post(f"https://other.test:{receiver.port}/", **at)
        bare = await post(f"https://127.0.0.1:{receiver.port}/", **at)

    assert named.status == 200
    assert (other.error, bare.error) == ("connection failed", "connection failed")
    assert len(receiver.requests) == 1
