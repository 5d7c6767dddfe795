"""Lists of large tables: every documented order, filter and search is answered by an index."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg

from tests.support import Person
from tests.test_lists import ITEM_SORTS, USER_SORTS
from tests.watching import statements

FILTERS: list[dict[str, str]] = [
    {},
    {"status": "archived"},
    {"status": "active"},  # no item is
    {"tag": "tag7"},
    {"q": "lamp"},
    {"q": "word77"},
    {"q": "none"},
    {"q": "word7", "status": "archived", "tag": "tag7"},
]
FILL = """
    INSERT INTO users (id, email, email_canonical, password_hash, name)
    SELECT gen_random_uuid(), 'u' || n || '@example.com', 'u' || n || '@example.com', '', 'Name' || n
    FROM generate_series(1, 4000) n;
    INSERT INTO items (id, owner_id, title, description, tags, status, created_at, updated_at)
    SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN '{owner}'::uuid ELSE others.id END, 'Lamp ' || n,
           'word' || n % 1000, ARRAY['tag' || n % 500],
           CASE WHEN n % 100 = 0 THEN 'archived' ELSE 'draft' END,
           now() - n * interval '1 second', now() - n * interval '1 minute'
    FROM generate_series(1, 12000) n
    JOIN (SELECT id, row_number() OVER () AS number FROM users) others ON number = n % 4000 + 1;
    ANALYZE items; ANALYZE users;
"""


def scans(plan: dict[str, Any]) -> Iterator[str]:
    """How each table in a plan is read."""
    if "Relation Name" in plan:
        yield f"{plan['Node Type']} on {plan['Relation Name']}"
    for child in plan.get("Plans", []):
        yield from scans(child)


async def explain(database: asyncpg.Connection, statement: str, parameters: Any) -> list[str]:  # noqa: ANN401
    [[plan]] = await database.fetch(f"EXPLAIN (FORMAT JSON) {statement}", *parameters)
    return list(scans(json.loads(plan)[0]["Plan"]))


async def test_no_order_filter_or_search_reads_a_whole_table(
    ada: Person, admin: Person, database: asyncpg.Connection
) -> None:
    await database.execute(FILL.format(owner=ada.id))
    queries = [("/items", {"sort": sort, **filters}) for sort in ITEM_SORTS for filters in FILTERS]
    queries += [("/items/export", filters | {"q": "none"}) for filters in FILTERS]
    users = [{}, {"role": "admin"}, {"q": "name77"}, {"q": "ada@exam"}]
    callers = [(person, query) for person in (ada, admin) for query in queries]
    callers += [(admin, ("/users", {"sort": sort, **each})) for sort in USER_SORTS for each in users]

    whole = []
    for person, (path, query) in callers:
        limit = {} if path == "/items/export" else {"limit": "1"}
        async with statements() as seen:
            answer = await person.client.get(path, params=query | limit)
            assert answer.status_code == 200, answer.text
            if limit and (cursor := answer.json()["next_cursor"]):
                await person.client.get(path, params=query | limit | {"cursor": cursor})
        asked = [each for each in seen if "login_sessions" not in each[0]]  # all but who is asking
        found = await explain(database, *asked[-1])
        assert found
        whole += [(person.name, path, query, scan) for scan in found if scan.startswith("Seq Scan")]

    assert whole == []
