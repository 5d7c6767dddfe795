"""Two-factor authentication: a code of an authenticator app beside the password."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from pyotp import TOTP
from starlette.types import ASGIApp

from app.core.config import Settings
from app.main import create_app
from tests.support import PASSWORD, Person, assert_problem, make_settings, open_client, running

WRONG_PASSWORD = "this is not the password"
WRONG_CODE = "no-such-recovery-code"  # six digits might be right by chance
both_counters = pytest.mark.parametrize("settings", ["in-process", "shared"], indirect=True)


@dataclass
class Authenticator:
    """What the owner has on their phone, and the recovery codes on paper."""

    secret: str
    recovery_codes: list[str]

    def code(self, steps: int = 0) -> str:
        """The code of this moment, or of some steps from now."""
        return TOTP(self.secret).at(time.time(), counter_offset=steps)

    def wrong_code(self) -> str:
        """Six digits that are not the code of any moment near this one."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in map("{:06}".format, count()) if code not in near)


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_url: str) -> Settings:
    """Counters in the process, unless a test asks for both variants."""
    if getattr(request, "param", "in-process") == "in-process":
        return make_settings(database_url)
    return make_settings(database_url, REDIS_URL=request.getfixturevalue("valkey").connection_url)


@pytest.fixture
async def phone(ada: Person) -> Authenticator:
    """Ada's: she has switched two-factor authentication on."""
    return await switch_on(ada)


async def switch_on(person: Person) -> Authenticator:
    phone = Authenticator((await start(person)).json()["secret"], [])
    confirmed = await confirm(person, phone.code())
    assert confirmed.status_code == 200, confirmed.text
    phone.recovery_codes = confirmed.json()["recovery_codes"]
    return phone


async def start(person: Person) -> Response:
    return await person.client.post("/auth/two-factor", json={"current_password": PASSWORD})


async def confirm(person: Person, code: str) -> Response:
    return await person.client.post("/auth/two-factor/confirm", json={"code": code})


async def switch_off(person: Person, code: str, password: str = PASSWORD) -> Response:
    proof = {"current_password": password, "code": code}
    return await person.client.request("DELETE", "/auth/two-factor", json=proof)


async def renew(person: Person, code: str, password: str = PASSWORD) -> Response:
    proof = {"current_password": password, "code": code}
    return await person.client.post("/auth/two-factor/recovery-codes", json=proof)


async def log_in(
    client: AsyncClient, person: Person, totp: str | None = None, password: str = PASSWORD
) -> Response:
    form = {"username": person.email, "password": password} | ({} if totp is None else {"totp": totp})
    return await client.post("/auth/token", data=form)


async def forget_used_steps(database: asyncpg.Connection) -> None:
    """As if the codes of this moment had not been used, so that a test need not wait for the next ones."""
    await database.execute("UPDATE two_factor_secrets SET last_step = 0")


@asynccontextmanager
async def client_at(service: ASGIApp, address: str) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(service, client=(address, 4000))
    async with AsyncClient(transport=transport, base_url="http://localhost/api/v1") as client:
        yield client


async def test_an_enrolment_changes_nothing_until_it_is_confirmed(
    anonymous: AsyncClient, ada: Person
) -> None:
    enrolment = (await start(ada)).json()

    uri = urlsplit(enrolment["uri"])
    assert enrolment.keys() == {"secret", "uri"}
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Shipworthy:ada%40example.com")
    assert parse_qs(uri.query) == {"secret": [enrolment["secret"]], "issuer": ["Shipworthy"]}
    assert len(enrolment["secret"]) == 32
    assert (await ada.client.get("/users/me")).json()["two_factor"] is False
    assert (await log_in(anonymous, ada)).status_code == 200


async def test_confirming_switches_it_on_gives_recovery_codes_and_ends_every_other_session(
    anonymous: AsyncClient, ada: Person
) -> None:
    other = (await log_in(anonymous, ada)).json()

    phone = await switch_on(ada)

    assert len(set(phone.recovery_codes)) == 10
    assert (await ada.client.get("/users/me")).json()["two_factor"] is True
    anonymous.headers["Authorization"] = f"Bearer {other['access_token']}"
    assert_problem(await anonymous.get("/users/me"), 401, "invalid-token")
    refreshed = await anonymous.post("/auth/refresh", json={"refresh_token": other["refresh_token"]})
    assert_problem(refreshed, 401, "invalid-refresh-token")


async def test_a_wrong_code_confirms_nothing(anonymous: AsyncClient, ada: Person) -> None:
    await start(ada)

    problem = assert_problem(await confirm(ada, WRONG_CODE), 400, "wrong-code")

    assert [error["pointer"] for error in problem["errors"]] == ["/code"]
    assert (await log_in(anonymous, ada)).status_code == 200


async def test_starting_again_makes_the_earlier_secret_worthless(ada: Person) -> None:
    earlier, later = [Authenticator((await start(ada)).json()["secret"], []) for _ in range(2)]

    assert_problem(await confirm(ada, earlier.code()), 400, "wrong-code")
    assert (await confirm(ada, later.code())).status_code == 200


async def test_of_two_confirmations_at_once_one_gives_recovery_codes(ada: Person) -> None:
    phone = Authenticator((await start(ada)).json()["secret"], [])

    answers = await asyncio.gather(confirm(ada, phone.code()), confirm(ada, phone.code(1)))

    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_once_on_it_can_be_neither_started_nor_confirmed_again(
    ada: Person, phone: Authenticator
) -> None:
    assert_problem(await start(ada), 409, "two-factor-on")
    assert_problem(await confirm(ada, phone.code(1)), 409, "two-factor-on")


async def test_while_off_there_is_nothing_to_confirm_renew_or_switch_off(ada: Person) -> None:
    for change in (confirm, renew, switch_off):
        assert_problem(await change(ada, "123456"), 409, "two-factor-off")

    await start(ada)
    for change in (renew, switch_off):
        assert_problem(await change(ada, "123456"), 409, "two-factor-off")


async def test_the_password_alone_does_not_log_in(
    anonymous: AsyncClient, ada: Person, phone: Authenticator
) -> None:
    for answer in (await log_in(anonymous, ada), await log_in(anonymous, ada, totp="")):
        assert_problem(answer, 401, "second-factor-required")
        assert answer.headers["www-authenticate"] == "Bearer"

    assert (await log_in(anonymous, ada, phone.code(1))).status_code == 200


async def test_who_does_not_know_the_password_learns_nothing_of_a_second_factor(
    anonymous: AsyncClient, ada: Person, bob: Person, phone: Authenticator
) -> None:
    def seen(answer: Response) -> dict[str, Any]:
        return {key: value for key, value in answer.json().items() if key not in {"instance", "request_id"}}

    for totp in (None, WRONG_CODE, phone.code(1), phone.recovery_codes[0]):
        with_it = await log_in(anonymous, ada, totp, WRONG_PASSWORD)
        without = await log_in(anonymous, bob, totp, WRONG_PASSWORD)
        assert_problem(with_it, 401, "bad-credentials")
        assert seen(with_it) == seen(without)

    assert (await log_in(anonymous, ada, phone.code(1))).status_code == 200
    assert (await log_in(anonymous, ada, phone.recovery_codes[0])).status_code == 200


async def test_a_code_is_good_once(anonymous: AsyncClient, ada: Person) -> None:
    phone = Authenticator((await start(ada)).json()["secret"], [])
    confirming, following = phone.code(), phone.code(1)
    await confirm(ada, confirming)

    assert_problem(await log_in(anonymous, ada, confirming), 401, "bad-second-factor")

    answers = await asyncio.gather(*(log_in(anonymous, ada, following) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_a_clock_may_be_half_a_minute_off(
    ada: Person, phone: Authenticator, database: asyncpg.Connection, steps: int, status: int
) -> None:
    ticked = True
    while ticked:  # a code that was made just before the next step is another step away
        await forget_used_steps(database)
        step = TOTP(phone.secret).timecode(time.time())
        answer = await log_in(ada.client, ada, phone.code(steps))
        ticked = step != TOTP(phone.secret).timecode(time.time())

    assert answer.status_code == status


async def test_a_code_may_be_typed_as_apps_show_it(
    anonymous: AsyncClient, ada: Person, phone: Authenticator
) -> None:
    code = phone.code(1)

    assert (await log_in(anonymous, ada, f"{code[:3]} {code[3:]}")).status_code == 200


async def test_a_recovery_code_logs_in_once_however_it_is_typed(
    anonymous: AsyncClient, ada: Person, phone: Authenticator
) -> None:
    first, second, *_ = phone.recovery_codes

    assert (await log_in(anonymous, ada, first.upper().replace("-", " "))).status_code == 200

    assert_problem(await log_in(anonymous, ada, first), 401, "bad-second-factor")
    answers = await asyncio.gather(*(log_in(anonymous, ada, second) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_somebody_elses_codes_are_worth_nothing(
    anonymous: AsyncClient, ada: Person, bob: Person, phone: Authenticator
) -> None:
    others = await switch_on(bob)

    for code in (others.code(1), others.recovery_codes[0]):
        assert_problem(await log_in(anonymous, ada, code), 401, "bad-second-factor")

    assert (await log_in(anonymous, ada, phone.recovery_codes[0])).status_code == 200
    assert (await log_in(anonymous, bob, others.recovery_codes[0])).status_code == 200


async def test_switching_it_off_needs_both_factors(
    anonymous: AsyncClient, ada: Person, phone: Authenticator, database: asyncpg.Connection
) -> None:
    assert_problem(await switch_off(ada, phone.code(1), WRONG_PASSWORD), 400, "wrong-password")
    assert_problem(await switch_off(ada, WRONG_CODE), 400, "wrong-code")

    assert (await switch_off(ada, phone.code(1))).status_code == 204

    assert (await ada.client.get("/users/me")).json()["two_factor"] is False
    assert (await log_in(anonymous, ada)).status_code == 200
    assert await database.fetch("SELECT id FROM two_factor_secrets UNION SELECT id FROM recovery_codes") == []


async def test_a_recovery_code_switches_it_off_when_the_app_is_lost(
    anonymous: AsyncClient, ada: Person, phone: Authenticator
) -> None:
    assert (await switch_off(ada, phone.recovery_codes[9])).status_code == 204

    assert (await log_in(anonymous, ada)).status_code == 200


async def test_new_recovery_codes_replace_the_old_ones(
    anonymous: AsyncClient, ada: Person, phone: Authenticator
) -> None:
    assert_problem(await renew(ada, phone.code(1), WRONG_PASSWORD), 400, "wrong-password")
    assert_problem(await renew(ada, WRONG_CODE), 400, "wrong-code")

    renewed = (await renew(ada, phone.code(1))).json()["recovery_codes"]

    assert len(set(renewed) - set(phone.recovery_codes)) == 10
    assert_problem(await log_in(anonymous, ada, phone.recovery_codes[0]), 401, "bad-second-factor")
    assert (await log_in(anonymous, ada, renewed[0])).status_code == 200


async def test_an_enrolment_needs_the_password(ada: Person) -> None:
    answer = await ada.client.post("/auth/two-factor", json={"current_password": WRONG_PASSWORD})

    assert_problem(answer, 400, "wrong-password")


@both_counters
async def test_guessing_codes_meets_the_limit_of_logins(
    anonymous: AsyncClient, ada: Person, phone: Authenticator, service: ASGIApp
) -> None:
    answers = [await log_in(anonymous, ada, phone.wrong_code()) for _ in range(25)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 15
    assert_problem(await log_in(anonymous, ada, phone.code(1)), 429, "too-many-requests")
    async with client_at(service, "192.0.2.1") as elsewhere:
        assert (await log_in(elsewhere, ada, phone.code(1))).status_code == 200


@both_counters
async def test_a_burst_of_codes_does_not_slip_past_the_limit(
    anonymous: AsyncClient, ada: Person, phone: Authenticator, settings: Settings
) -> None:
    wrong = phone.wrong_code()
    answers = [
        answer
        for _ in range(2)
        for answer in await asyncio.gather(*(log_in(anonymous, ada, wrong) for _ in range(25)))
    ]

    tried = [answer.status_code for answer in answers].count(401)
    assert 10 <= tried < 10 + settings.auth.hashing_threads
    assert_problem(await log_in(anonymous, ada, phone.recovery_codes[0]), 429, "too-many-requests")


@both_counters
async def test_guessing_codes_from_many_addresses_is_limited_too(
    ada: Person, phone: Authenticator, service: ASGIApp
) -> None:
    tried = []
    for number in range(3):
        async with client_at(service, f"192.0.2.{number}") as client:
            tried += [(await log_in(client, ada, WRONG_CODE)).status_code for _ in range(9)]

    assert tried == [401] * 20 + [429] * 7
    assert_problem(await switch_off(ada, phone.code(1)), 429, "too-many-requests")


async def test_a_stolen_session_and_password_cannot_guess_codes_either(
    ada: Person, phone: Authenticator
) -> None:
    answers = await asyncio.gather(*(switch_off(ada, WRONG_CODE) for _ in range(25)))

    assert sorted(answer.status_code for answer in answers) == [400] * 20 + [429] * 5
    assert_problem(await renew(ada, phone.code(1)), 429, "too-many-requests")


async def test_a_right_code_clears_the_owners_earlier_mistakes(
    anonymous: AsyncClient, ada: Person, phone: Authenticator
) -> None:
    for code in phone.recovery_codes[:3]:
        for _ in range(9):
            assert_problem(await renew(ada, WRONG_CODE), 400, "wrong-code")
        assert (await log_in(anonymous, ada, code)).status_code == 200


async def test_wrong_codes_and_used_recovery_codes_are_in_the_audit_trail(
    anonymous: AsyncClient, ada: Person, phone: Authenticator, admin: Person
) -> None:
    refused = await log_in(anonymous, ada, WRONG_CODE)
    await log_in(anonymous, ada, phone.recovery_codes[0])
    await renew(ada, phone.recovery_codes[1])
    await switch_off(ada, phone.code(1))

    answer = await admin.client.get("/audit-events", params={"target_id": ada.id, "sort": "created_at"})
    events = answer.json()["items"][1:]
    assert [(event["action"], event["actor_id"]) for event in events] == [
        ("two_factor.started", ada.id),
        ("two_factor.enabled", ada.id),
        ("sessions.ended", ada.id),
        ("login.failed", None),
        ("recovery_code.used", ada.id),
        ("recovery_code.used", ada.id),
        ("recovery_codes.renewed", ada.id),
        ("two_factor.disabled", ada.id),
    ]
    assert events[3]["request_id"] == refused.headers["x-request-id"]


async def test_the_database_holds_neither_the_secret_nor_a_recovery_code(
    ada: Person, phone: Authenticator, database: asyncpg.Connection
) -> None:
    assert ada.id
    [sealed] = [row["sealed"] for row in await database.fetch("SELECT sealed FROM two_factor_secrets")]
    hashes = [row["code_hash"] for row in await database.fetch("SELECT code_hash FROM recovery_codes")]

    assert phone.secret.encode() not in sealed
    assert TOTP(phone.secret).byte_secret() not in sealed
    assert len(hashes) == 10
    assert not any(code.replace("-", "").encode() in b"".join(hashes) for code in phone.recovery_codes)


async def test_a_secret_that_does_not_open_lets_nobody_in_but_by_recovery_code(
    ada: Person, phone: Authenticator, database_url: str
) -> None:
    settings = make_settings(database_url, secret_key="another-key-than-the-one-of-the-first-service")
    async with running(create_app(settings)) as service, open_client(service) as client:
        assert_problem(await log_in(client, ada, phone.code(1)), 401, "bad-second-factor")
        assert (await log_in(client, ada, phone.recovery_codes[0])).status_code == 200


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE two_factor_secrets SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)",
        "UPDATE two_factor_secrets SET sealed = ''",
        "DELETE FROM two_factor_secrets",
        "UPDATE two_factor_secrets a SET sealed = b.sealed FROM two_factor_secrets b WHERE a.id != b.id",
    ],
    ids=["changed", "emptied", "removed", "swapped"],
)
async def test_a_secret_that_was_tampered_with_lets_nobody_in(
    ada: Person, bob: Person, phone: Authenticator, database: asyncpg.Connection, tampering: str
) -> None:
    others = await switch_on(bob)
    await database.execute(tampering)

    for code in (phone.code(1), others.code(1)):
        assert_problem(await log_in(ada.client, ada, code), 401, "bad-second-factor")


async def test_it_goes_with_the_account(
    ada: Person, phone: Authenticator, database: asyncpg.Connection
) -> None:
    assert phone.recovery_codes

    deleted = await ada.client.request("DELETE", "/users/me", json={"current_password": PASSWORD})

    assert deleted.status_code == 204
    assert await database.fetch("SELECT id FROM two_factor_secrets UNION SELECT id FROM recovery_codes") == []


async def test_an_administrator_helps_somebody_who_has_lost_everything(
    anonymous: AsyncClient, ada: Person, phone: Authenticator, admin: Person
) -> None:
    assert phone.secret

    helped = await admin.client.delete(f"/users/{ada.id}/two-factor")

    assert helped.status_code == 204
    assert (await ada.client.get("/users/me")).json()["two_factor"] is False
    form = {"username": ada.email, "password": PASSWORD}
    assert (await anonymous.post("/auth/token", data=form)).status_code == 200
    assert_problem(await admin.client.delete(f"/users/{ada.id}/two-factor"), 409, "two-factor-off")
    query = {"action": "two_factor.disabled", "target_id": ada.id}
    [event] = (await admin.client.get("/audit-events", params=query)).json()["items"]
    assert event["actor_id"] == admin.id


async def test_administrators_switch_off_their_own_with_a_code_like_anybody(admin: Person) -> None:
    await switch_on(admin)

    refused = await admin.client.delete(f"/users/{admin.id}/two-factor")

    assert_problem(refused, 409, "own-second-factor")
    assert (await admin.client.get("/users/me")).json()["two_factor"] is True
