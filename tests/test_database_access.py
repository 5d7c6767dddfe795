"""The short ways to the database do what SQLAlchemy's long ones do, and connections are dealt out fairly."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Text, bindparam, cast, func, select, text
from starlette.types import ASGIApp

from app.core.config import Settings
from app.core.database import Database, DatabaseUnavailable, Session, open_database
from app.core.reads import Rows
from app.core.tokens import AccessTokens, Identity
from app.main import create_app
from app.models import Action, AuditEvent, Item, User
from app.services.item_service import ONE
from app.services.user_service import USERS
from tests.support import ANY_VERSION, Person, assert_problem, open_client, running

CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'shipworthy'
"""


async def read_long(session: Session) -> None:
    """As SQLAlchemy reads, in a transaction."""
    await session.execute(text("SELECT 1"))


async def read_short(session: Session) -> None:
    """As what every request reads is read, in none."""
    await session.one(ONE, id=UUID(int=1))


Read = Callable[[Session], Awaitable[None]]
both_ways = pytest.mark.parametrize("read", [read_long, read_short])


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[Database]:
    """A pool of a single connection."""
    one = settings.db.model_copy(update={"pool_size": 1, "pool_timeout": 0.5})
    async with open_database(settings.model_copy(update={"db": one})) as database:
        yield database


@pytest.fixture
async def other_replica(settings: Settings) -> AsyncIterator[ASGIApp]:
    """Another process of the service, as far as what it remembers is concerned."""
    async with running(create_app(settings)) as service:
        yield service


async def test_a_row_read_the_short_way_is_the_row_that_sqlalchemy_reads(
    ada: Person, narrow: Database
) -> None:
    lamp = {"title": "Lamp", "tags": ["brass"], "price_minor": 4900, "currency": "EUR"}
    item = UUID((await ada.client.post("/items", json=lamp)).json()["id"])

    async with narrow.transaction() as session:
        items = [
            await session.one(ONE, id=item),
            *await session.rows(USERS.page([], "created_at", further=False), limit=9),
        ]
    async with narrow.transaction() as session:
        known = [
            await session.get(Item, item),
            *await session.scalars(select(User).order_by(User.created_at, User.id)),
        ]

    assert [_values(row) for row in items] == [_values(row) for row in known]
    assert len(items) == 2


async def test_inside_a_transaction_the_short_ways_are_part_of_it(
    ada: Person, narrow: Database, database: asyncpg.Connection
) -> None:
    async with narrow.transaction() as session:
        await session.execute(text("SELECT 1"))
        new = Item(id=UUID(int=7), owner_id=UUID(ada.id), title="Lamp")
        await session.insert(new, AuditEvent(action=Action.ITEM_CREATED, actor_id=UUID(ada.id)))
        assert (new.version, new.status, new.tags) == (1, "draft", [])
        assert (await session.one(ONE, id=new.id)) is not None
        await session.rollback()

    assert await database.fetchval("SELECT count(*) FROM items") == 0


async def test_a_new_row_and_its_event_are_written_both_or_not_at_all(
    narrow: Database,
    database: asyncpg.Connection,
    empty_trail: None,  # noqa: ARG001
) -> None:
    orphan = Item(id=UUID(int=7), owner_id=UUID(int=8), title="Lamp")

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with narrow.transaction() as session:
            await session.insert(orphan, AuditEvent(action=Action.ITEM_CREATED))

    assert await database.fetchval("SELECT count(*) FROM audit_events") == 0


@both_ways
async def test_a_line_that_everybody_left_delays_nobody(narrow: Database, read: Read) -> None:
    async def waits() -> None:
        async with narrow.transaction() as session:
            await read(session)

    async with narrow.engine.connect():
        waiting = [asyncio.create_task(waits()) for _ in range(5)]
        await asyncio.sleep(0.1)
        assert narrow.delay() > 0
        left = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(each) for each in left} == {DatabaseUnavailable}
        assert narrow.delay() == 0


@both_ways
async def test_whoever_waits_for_a_connection_gets_it_before_whoever_comes_later(
    narrow: Database, read: Read
) -> None:
    served: list[str] = []

    async def use(name: str, read: Read) -> None:
        async with narrow.transaction() as session:
            await read(session)
            served.append(name)

    async with narrow.transaction() as session:
        await read_long(session)
        waiting = [asyncio.create_task(use("first", read)), asyncio.create_task(use("second", read_long))]
        waiting.append(asyncio.create_task(use("third", read_short)))
        await asyncio.sleep(0.05)  # until all of them wait
    await use("newcomer", read)
    await asyncio.gather(*waiting)

    assert served == ["first", "second", "third", "newcomer"]


@both_ways
async def test_who_has_had_a_turn_goes_before_newcomers_who_have_waited_longer(
    narrow: Database, read: Read
) -> None:
    served: list[str] = []
    go_on = asyncio.Event()

    async def use(name: str, *, twice: bool = False) -> None:
        if twice:
            async with narrow.transaction() as session:
                await read(session)
            await go_on.wait()
        async with narrow.transaction() as session:
            await read(session)
            served.append(name)

    def request(name: str, *, twice: bool = False) -> asyncio.Task[None]:
        return asyncio.create_task(use(name, twice=twice), context=contextvars.Context())

    await use("nobody")  # opens the connection
    tasks = [request("Ada", twice=True)]
    await asyncio.sleep(0.05)  # until she has had her first turn
    async with narrow.engine.connect():
        tasks += [request("Bob"), request("Cora")]
        await asyncio.sleep(0.05)  # until both wait
        go_on.set()
        await asyncio.sleep(0.05)  # until she waits, too
    await asyncio.gather(*tasks)

    assert served == ["nobody", "Ada", "Bob", "Cora"]


@both_ways
@pytest.mark.parametrize("late", [False, True])
async def test_whoever_stops_waiting_leaves_the_connection_to_the_next(
    narrow: Database, read: Read, *, late: bool
) -> None:
    async def use() -> None:
        async with narrow.transaction() as session:
            await read(session)

    async with narrow.transaction() as session:
        await read_long(session)
        impatient, patient = asyncio.create_task(use()), asyncio.create_task(use())
        await asyncio.sleep(0.05)  # until both wait
        if not late:
            impatient.cancel()
    if late:  # the connection is its own already, and it does not know
        impatient.cancel()

    await patient
    assert impatient.cancelled()
    await use()


@both_ways
async def test_waiting_for_a_connection_ends_in_time(narrow: Database, read: Read) -> None:
    async with narrow.transaction() as holder:
        await read_long(holder)
        with pytest.raises(DatabaseUnavailable):
            async with narrow.transaction() as session:
                await read(session)


async def test_of_two_connections_one_may_be_closed(settings: Settings, database: asyncpg.Connection) -> None:
    two = settings.db.model_copy(update={"pool_size": 2})
    async with open_database(settings.model_copy(update={"db": two})) as pair:
        async with pair.transaction() as one, pair.transaction() as other:
            await read_long(other)
            cut = (await one.scalars(text("SELECT pg_backend_pid()"))).one()
        await database.execute("SELECT pg_terminate_backend($1)", cut)
        await asyncio.sleep(0.05)  # until the operating system has told the pool

        for read in (read_short, read_short, read_long, read_short):
            async with pair.transaction() as session:
                await read(session)


async def test_a_statement_that_nobody_waits_for_any_more_spoils_no_connection(
    ada: Person, narrow: Database
) -> None:
    slow = Rows(User, select(User).where(cast(func.pg_sleep(5), Text) == bindparam("never", type_=Text)))

    async def wait() -> None:
        async with narrow.transaction() as session:
            await session.one(slow, never=ada.id)

    impatient = asyncio.create_task(wait())
    await asyncio.sleep(0.1)  # until PostgreSQL sleeps
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)

    async with narrow.transaction() as session:
        await read_short(session)
        await read_long(session)


async def test_a_row_read_the_short_way_says_so_when_it_is_changed(ada: Person, narrow: Database) -> None:
    async with narrow.transaction() as session:
        [row] = await session.rows(USERS.page([], "created_at", further=False), limit=1)

    with pytest.raises(AttributeError):
        row.name = f"not {ada.name}"


async def test_a_restarted_database_fails_nobody_though_no_connection_is_pinged(
    ada: Person, database: asyncpg.Connection
) -> None:
    assert await database.fetchval(CUT) > 0
    await asyncio.sleep(0.05)  # until the operating system has told the service

    assert (await ada.client.get("/items")).status_code == 200
    assert (await ada.client.post("/items", json={"title": "Lamp"})).status_code == 201


async def test_a_token_is_refused_when_it_expires_though_it_was_verified_before(settings: Settings) -> None:
    tokens = AccessTokens(settings)
    tokens.lifetime = timedelta(seconds=1)
    identity = Identity(user_id=UUID(int=1), session_id=UUID(int=2))
    token = tokens.issue(identity)

    assert [tokens.read(token), tokens.read(token)] == [identity, identity]
    await asyncio.sleep(1.1)
    assert tokens.read(token) is None


async def test_a_demotion_a_log_out_and_a_ban_act_at_once_on_every_replica(
    ada: Person, bob: Person, admin: Person, other_replica: ASGIApp
) -> None:
    async with AsyncExitStack() as stack:
        there = [await stack.enter_async_context(open_client(other_replica)) for _ in range(3)]
        for client, person in zip(there, (ada, bob, admin), strict=True):
            client.headers.update(person.client.headers)
            assert (await client.get("/users/me")).status_code == 200  # so that it remembers the token

        assert (await ada.client.post("/auth/logout")).status_code == 204
        banned = await admin.client.patch(f"/users/{bob.id}", json={"is_active": False}, headers=ANY_VERSION)
        assert banned.status_code == 200

        assert_problem(await there[0].get("/users/me"), 401, "invalid-token")
        assert_problem(await there[1].get("/users/me"), 401, "invalid-token")
        assert (await there[2].get("/users")).status_code == 200


def _values(row: Item | User | None) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
