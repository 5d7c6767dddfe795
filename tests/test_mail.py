"""The welcome mail: a real SMTP conversation, after the answer and never at its expense."""

import re
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from httpx2 import Response

from app.core.config import Settings
from app.main import create_app
from tests.post_office import post_office, text
from tests.processes import eventually, free_port, serving
from tests.support import PASSWORD, open_client, running

ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Lovelace"}
LOGIN = LoginPassword(b"shop", b"smtp-secret")
HEADERS = {"Date", "Message-ID", "From", "To", "Subject", "Content-Type"}


async def register(settings: Settings, mail: dict[str, object], **changes: str) -> Response:
    """Register with an app that mails like this; in this process its mail is sent when this returns."""
    mail = {"smtp_host": "127.0.0.1", "smtp_tls": "none", "sender": "shop@example.com"} | mail
    app = create_app(settings.model_copy(update={"mail": settings.mail.model_validate(mail)}))
    async with running(app) as service, open_client(service) as client:
        return await client.post("/users", json=ADA | changes)


async def test_a_new_user_is_greeted(settings: Settings) -> None:
    async with post_office() as office:
        office.open.set()

        answer = await register(settings, {"smtp_port": office.port})

    assert answer.status_code == 201
    [mail] = office.mails
    assert office.recipients == ["ada@example.com"]
    assert (mail["From"], mail["To"]) == ("shop@example.com", "ada@example.com")
    assert mail["Subject"] == "Welcome to Shipworthy"
    assert mail["Message-ID"].endswith("@example.com>")
    assert mail["Date"].datetime.tzinfo is not None
    assert text(mail).startswith("Hello Ada Lovelace,")


@pytest.mark.parametrize("name", ["Ada\r\nBcc: eve@example.com", "Ada\nBcc: eve", "Ada\x85Bcc: eve"])
async def test_a_name_with_a_line_break_is_refused_and_mailed_to_nobody(
    settings: Settings, name: str
) -> None:
    async with post_office() as office:
        office.open.set()

        answer = await register(settings, {"smtp_port": office.port}, name=name)

    assert (answer.status_code, office.mails) == (422, [])


@pytest.mark.parametrize("name", ["Bcc: eve@example.com", "Ada\u2028Bcc: eve", "=?utf-8?q?=0ABcc:?="])
async def test_a_name_adds_no_header_and_no_recipient(settings: Settings, name: str) -> None:
    async with post_office() as office:
        office.open.set()

        answer = await register(settings, {"smtp_port": office.port}, name=name)

    assert answer.status_code == 201
    assert office.recipients == ["ada@example.com"]
    assert set(office.mails[0].keys()) - {"MIME-Version"} == HEADERS
    assert name in text(office.mails[0])


async def test_the_answer_does_not_wait_for_the_mail(database_url: str, database: object) -> None:  # noqa: ARG001
    async with post_office() as office:
        mail = {"HOST": "127.0.0.1", "PORT": str(office.port), "TLS": "none"}
        with serving(database_url, **{f"APP_MAIL_SMTP_{k}": v for k, v in mail.items()}) as service:
            async with service.client() as client:
                answer = await client.post("/users", json=ADA)
                assert (answer.status_code, office.mails) == (201, [])
                office.open.set()

                async def has_arrived() -> bool:
                    return len(office.mails) == 1

                await eventually(has_arrived)


async def test_a_dead_server_loses_the_mail_and_nothing_else(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await register(settings, {"smtp_port": free_port()})

    assert answer.status_code == 201
    [record] = [each for each in caplog.records if each.name == "app.mail"]
    assert (record.levelname, record.getMessage()) == ("WARNING", "mail lost")
    assert "example.com" not in str(vars(record))


async def test_without_a_server_the_mail_is_printed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await register(settings, {"smtp_host": None})

    assert re.search("To: ada@example.com\n.*Hello Ada Lovelace,", capsys.readouterr().err, re.DOTALL)


async def test_the_service_logs_in_where_the_server_asks_for_it(settings: Settings, tls: Path) -> None:
    async with post_office(**encrypted(tls), auth_required=True, authenticator=check_login) as office:
        office.open.set()
        login: dict[str, object] = {"smtp_port": office.port, "smtp_tls": "starttls", "smtp_user": "shop"}

        await register(settings, login | {"smtp_password": "smtp-secret"})

    assert office.recipients == ["ada@example.com"]
    assert office.encrypted


async def test_a_mail_is_lost_rather_than_sent_in_the_clear(settings: Settings) -> None:
    async with post_office() as office:  # which offers no STARTTLS
        office.open.set()

        answer = await register(settings, {"smtp_port": office.port, "smtp_tls": "starttls"})

    assert (answer.status_code, office.mails) == (201, [])


async def test_a_mail_is_lost_rather_than_given_to_an_unknown_certificate(
    settings: Settings, tls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with post_office(**encrypted(tls)) as office:
        office.open.set()

        answer = await register(settings, {"smtp_port": office.port, "smtp_tls": "starttls"})

    assert (answer.status_code, office.mails) == (201, [])


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for 127.0.0.1 that this process trusts."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("no openssl to make a certificate with")
    path, public = tmp_path / "both.pem", tmp_path / "public.pem"
    options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mail", "-days", "1"]
    address = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(public)]
    subprocess.run([openssl, *options, *address], check=True, capture_output=True)  # noqa: S603
    path.write_bytes(path.read_bytes() + public.read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    return path


def encrypted(certificate: Path) -> dict[str, Any]:
    """Options of a server that speaks nothing but STARTTLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return {"tls_context": context, "require_starttls": True}


def check_login(_: SMTP, __: Session, ___: Envelope, ____: str, given: object) -> AuthResult:
    """Take the one login there is."""
    return AuthResult(success=given == LOGIN)
