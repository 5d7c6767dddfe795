"""What people confirm by a token from their mail, read from a real SMTP server."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import asyncpg
import pytest
from httpx2 import AsyncClient

from app.core.config import Settings
from tests.post_office import PostOffice, text
from tests.queue.support import employed, settled, until
from tests.support import PASSWORD, Person, assert_problem, make_settings

NEW_PASSWORD = "a staple for the battery"


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": office.port, "smtp_tls": "none"}
    return make_settings(settings.database_url.get_secret_value(), mail=mail)


@pytest.fixture(autouse=True)
async def mail_worker(settings: Settings) -> AsyncIterator[None]:
    async with employed(settings):
        yield


def token_in(mail: EmailMessage) -> str:
    """The token stands alone on a line of the text, and in the HTML too."""
    [token] = re.findall(r"^[\w-]{43}$", text(mail), re.MULTILINE)
    html = mail.get_body(("html",))
    assert html is not None
    assert token in html.get_content()
    return str(token)


async def reset(client: AsyncClient, email: str, database: asyncpg.Connection) -> None:
    answer = await client.post("/auth/password-reset", json={"email": email})
    assert (answer.status_code, answer.content) == (202, b"")
    await settled(database)


async def confirm(client: AsyncClient, token: str, password: str = NEW_PASSWORD) -> Any:  # noqa: ANN401
    body = {"token": token, "new_password": password}
    return await client.post("/auth/password-reset/confirm", json=body)


async def test_an_address_is_verified_once_by_the_token_of_the_welcome_mail(
    ada: Person, anonymous: AsyncClient, office: PostOffice
) -> None:
    token = token_in(office.mails[0])
    assert ada.profile["email_verified"] is False

    assert (await anonymous.post("/auth/verify-email", json={"token": token})).status_code == 204

    assert (await ada.client.get("/users/me")).json()["email_verified"] is True
    again = await anonymous.post("/auth/verify-email", json={"token": token})
    assert_problem(again, 400, "invalid-confirmation")


async def test_a_newer_mail_kills_the_token_of_the_older(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    assert (await ada.client.post("/auth/verify-email/resend")).status_code == 202
    await settled(database)
    older, newer = map(token_in, office.mails)

    superseded = await anonymous.post("/auth/verify-email", json={"token": older})

    assert_problem(superseded, 400, "invalid-confirmation")
    assert (await anonymous.post("/auth/verify-email", json={"token": newer})).status_code == 204


async def test_a_reset_sets_the_password_once_and_ends_every_session(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    await reset(anonymous, "ADA@example.com", database)
    token = token_in(office.mails[-1])

    assert (await confirm(anonymous, token)).status_code == 204

    assert_problem(await ada.client.get("/users/me"), 401, "invalid-token")
    old = {"username": ada.email, "password": PASSWORD}
    assert_problem(await anonymous.post("/auth/token", data=old), 401, "bad-credentials")
    assert_problem(await confirm(anonymous, token), 400, "invalid-confirmation")
    ada.password = NEW_PASSWORD
    await ada.log_in()


async def test_a_bad_new_password_does_not_use_the_token_up(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    await reset(anonymous, ada.email, database)
    token = token_in(office.mails[-1])

    assert_problem(await confirm(anonymous, token, "Password1234567"), 422, "guessable-password")

    assert (await confirm(anonymous, token)).status_code == 204


async def test_an_unknown_address_is_answered_alike_and_mailed_nothing(
    anonymous: AsyncClient, ada: Person, admin: Person, office: PostOffice, database: asyncpg.Connection
) -> None:
    await admin.client.patch(f"/users/{ada.id}", json={"is_active": False})
    before = len(office.mails)

    await reset(anonymous, "eve@example.com", database)
    await reset(anonymous, ada.email, database)  # who is disabled

    assert len(office.mails) == before


async def test_a_token_is_good_for_its_purpose_alone(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    verification = token_in(office.mails[-1])
    await reset(anonymous, ada.email, database)
    resetting = token_in(office.mails[-1])

    assert_problem(await confirm(anonymous, verification), 400, "invalid-confirmation")
    wrong = await anonymous.post("/auth/verify-email", json={"token": resetting})
    assert_problem(wrong, 400, "invalid-confirmation")
    bearer = {"Authorization": f"Bearer {resetting}"}
    assert_problem(await anonymous.get("/users/me", headers=bearer), 401, "invalid-token")


async def test_an_expired_token_is_refused_and_none_is_stored_in_the_clear(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    await reset(anonymous, ada.email, database)
    tokens = [token_in(mail) for mail in office.mails]
    stored = str(await database.fetch("SELECT t FROM one_time_tokens t"))
    await database.execute("UPDATE one_time_tokens SET expires_at = now()")

    assert_problem(await confirm(anonymous, tokens[-1]), 400, "invalid-confirmation")
    assert [token for token in tokens if token in stored] == []


async def test_an_address_changes_when_the_new_one_confirms_it(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    wrong = {"current_password": "not the right one", "email": "countess@example.com"}
    assert_problem(await ada.client.post("/users/me/email", json=wrong), 400, "wrong-password")
    change = wrong | {"current_password": PASSWORD}

    assert (await ada.client.post("/users/me/email", json=change)).status_code == 202
    await settled(database)

    assert (await ada.client.get("/users/me")).json()["email"] == ada.email
    assert office.recipients[-1] == "countess@example.com"
    token = token_in(office.mails[-1])
    assert (await anonymous.post("/auth/verify-email", json={"token": token})).status_code == 204
    profile = (await ada.client.get("/users/me")).json()
    assert (profile["email"], profile["email_verified"]) == ("countess@example.com", True)


async def test_an_address_that_was_taken_meanwhile_stays_its_owners(
    ada: Person, bob: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    change = {"current_password": PASSWORD, "email": bob.email.upper()}
    await ada.client.post("/users/me/email", json=change)
    await settled(database)

    answer = await anonymous.post("/auth/verify-email", json={"token": token_in(office.mails[-1])})

    assert_problem(answer, 409, "email-taken")
    assert (await ada.client.get("/users/me")).json()["email"] == ada.email


async def test_mails_to_an_account_are_limited_whether_it_exists_or_not(
    ada: Person, anonymous: AsyncClient
) -> None:
    for email in (ada.email, "eve@example.com"):
        answers = [await anonymous.post("/auth/password-reset", json={"email": email}) for _ in range(6)]

        assert [answer.status_code for answer in answers] == [202] * 5 + [429]
        assert_problem(answers[-1], 429, "too-many-requests")


async def test_no_job_says_a_token_or_an_address(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    change = {"current_password": PASSWORD, "email": "countess@example.com"}
    await ada.client.post("/users/me/email", json=change)
    await ada.client.post("/auth/verify-email/resend")
    await reset(anonymous, ada.email, database)
    await reset(anonymous, "eve@example.com", database)

    arguments = " ".join(await database.fetchval("SELECT array_agg(args::text) FROM procrastinate_jobs"))

    assert len(office.mails) == 4
    assert "example.com" not in arguments
    assert [mail for mail in office.mails if token_in(mail) in arguments] == []


async def test_the_owner_is_told_of_a_new_password_and_at_the_old_address_of_a_new_one(
    ada: Person, anonymous: AsyncClient, office: PostOffice, database: asyncpg.Connection
) -> None:
    change = {"current_password": PASSWORD, "email": "countess@example.com"}
    await ada.client.post("/users/me/email", json=change)
    await settled(database)
    await anonymous.post("/auth/verify-email", json={"token": token_in(office.mails[-1])})
    await ada.client.put(
        "/users/me/password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    )
    await settled(database)

    told = {mail["Subject"]: mail["To"] for mail in office.mails}
    assert told["Your email address was changed"] == ada.email
    assert told["Your password was changed"] == "countess@example.com"


async def test_a_mail_waits_for_a_server_that_is_away(
    ada: Person, office: PostOffice, database: asyncpg.Connection
) -> None:
    office.reply = "451 come again"
    await ada.client.post("/auth/verify-email/resend")

    async def attempts() -> int:
        return int(await database.fetchval("SELECT max(attempts) FROM procrastinate_jobs") or 0)

    await until(attempts, 1)
    office.reply = "250 OK"
    await settled(database)

    assert [mail["Subject"] for mail in office.mails][1:] == ["Confirm your email address"]


async def test_an_address_that_no_server_takes_is_given_up(
    ada: Person, office: PostOffice, database: asyncpg.Connection
) -> None:
    office.recipient_reply = "550 nobody here"
    await ada.client.post("/auth/verify-email/resend")
    await settled(database)

    assert len(office.mails) == 1
    assert await database.fetchval("SELECT status::text FROM procrastinate_jobs") == "succeeded"
