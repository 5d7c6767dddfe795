"""Conditional requests (RFC 9110, section 13): nothing is overwritten unseen, nothing known is sent again."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Register
from tests.processes import serving
from tests.support import Person, assert_problem

FRESH, STALE, MISSING = 200, (412, "version-changed"), (428, "missing-if-match")
MALFORMED = (400, "malformed-entity-tag")
GARBAGE = ["", ",", " ", "1", "'1'", '"1', '1"', '"1" "2"', '"1", 2', '*, "1"', "**"]
GARBAGE += ['w/"1"', 'W/ "1"', '"a b"', '"\t"']


async def edit_at_once(
    editors: list[Person], path: str, rounds: int
) -> tuple[list[list[int]], dict[str, Any]]:
    """Everybody reads a version and writes their initial behind it; the statuses, and what remains."""
    statuses = []
    for _ in range(rounds):
        read = await editors[0].client.get(path)
        text, tag = read.json()["description"], read.headers["etag"]
        changes = [
            each.client.patch(path, json={"description": text + each.name[0]}, headers={"If-Match": tag})
            for each in editors
        ]
        statuses.append([answer.status_code for answer in await asyncio.gather(*changes)])
    remaining: dict[str, Any] = (await editors[0].client.get(path)).json()
    return statuses, remaining


def assert_nothing_lost(editors: list[Person], statuses: list[list[int]], item: dict[str, Any]) -> None:
    """Each round had one winner, whose change is there, at its place."""
    winners = "".join(editors[each.index(200)].name[0] for each in statuses)

    assert [sorted(each) for each in statuses] == [[200, 412]] * len(statuses)
    assert (item["description"], item["version"]) == (f"-{winners}", 1 + len(winners))


async def test_of_two_editors_of_one_version_exactly_one_wins(ada: Person, admin: Person) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp", "description": "-"})).json()

    statuses, item = await edit_at_once([ada, admin], f"/items/{item['id']}", rounds=25)

    assert_nothing_lost([ada, admin], statuses, item)


@pytest.mark.faults
async def test_a_thousand_conflicting_updates_through_two_workers_lose_none(
    database_url: str, ada: Person, admin: Person
) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp", "description": "-"})).json()
    with serving(database_url, "--workers", "2") as server:
        async with server.client() as one, server.client() as another:
            editors = [Person(ada.name, one), Person(admin.name, another)]
            for editor in editors:
                await editor.log_in()

            statuses, item = await edit_at_once(editors, f"/items/{item['id']}", rounds=500)

    assert_nothing_lost(editors, statuses, item)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_an_item_is_changed_only_by_those_who_say_which_version_they_have_seen(
    ada: Person, method: str
) -> None:
    async def answer(if_match: str | None) -> Any:  # noqa: ANN401 - a status, or a status and a type
        item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
        headers = {} if if_match is None else {"If-Match": if_match}
        body = None if method == "DELETE" else {"title": "Chair"}
        path = f"/items/{item['id']}"
        said = await ada.client.request(method, path, json=body, headers=headers)
        if said.is_success:
            assert said.headers.get("etag") == (None if method == "DELETE" else '"2"')
            return FRESH
        assert (await ada.client.get(path)).json() == item
        return said.status_code, assert_problem(said, said.status_code, said.json()["type"][12:])["type"][12:]

    for fresh in ('"1"', "*", ' "0" ,"1"', ',, "x,y","1",', '"2", W/"7", "1"'):
        assert await answer(fresh) == FRESH, fresh
    for stale in ('"0"', '"2"', '""', 'W/"1"', 'W/"1", "2"', '"*"', '"01"', '"' + "9" * 5000 + '"'):
        assert await answer(stale) == STALE, stale
    for garbage in GARBAGE:
        assert await answer(garbage) == MALFORMED, garbage
    assert await answer(None) == MISSING


async def test_several_lines_of_if_match_are_one_list(ada: Person) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    lines = [("If-Match", '"0"'), ("If-Match", '"1"')]

    assert (await ada.client.delete(f"/items/{item['id']}", headers=lines)).status_code == 204


@pytest.mark.parametrize("if_match", [None, '"7"', "*"])
async def test_what_is_not_there_is_404_whatever_the_precondition(
    ada: Person, bob: Person, if_match: str | None
) -> None:
    item = (await ada.client.post("/items", json={"title": "Lamp"})).json()
    headers = {} if if_match is None else {"If-Match": if_match}

    for path in (f"/items/{item['id']}", f"/items/{ada.id}"):
        for method, body in (("PUT", {"title": "Mine"}), ("PATCH", {}), ("DELETE", None)):
            answer = await bob.client.request(method, path, json=body, headers=headers)
            assert_problem(answer, 404, "item-not-found")


async def test_a_version_that_is_known_is_not_sent_again(ada: Person, admin: Person) -> None:
    item = await ada.client.post("/items", json={"title": "Lamp"})
    key = await ada.client.post("/api-keys", json={"name": "Import", "scopes": ["items:read"]})
    places = [f"/items/{item.json()['id']}", "/users/me", f"/users/{ada.id}", f"/api-keys/{key.json()['id']}"]
    assert item.headers["etag"] == '"1"'

    for path in places:
        client = admin.client if path == f"/users/{ada.id}" else ada.client
        read = await client.get(path)
        tag = read.headers["etag"]
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            for method in ("GET", "HEAD"):
                answer = await client.request(method, path, headers={"If-None-Match": known})
                assert (answer.status_code, answer.content) == (304, b""), (path, known)
                assert (answer.headers["etag"], answer.headers["cache-control"]) == (tag, "no-store")
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert "content-length" not in answer.headers
        assert (await client.get(path, headers={"If-None-Match": '"x", W/"y"'})).json() == read.json()
        for garbage in GARBAGE:
            answer = await client.get(path, headers={"If-None-Match": garbage})
            assert_problem(answer, *MALFORMED)


async def test_an_account_has_another_tag_after_each_change_and_if_match_is_honoured(
    register: Register, admin: Person
) -> None:
    ada = await register("Ada")
    for person, path, change in ((ada, "/users/me", "name"), (admin, f"/users/{ada.id}", "is_active")):
        old = (await person.client.get(path)).headers["etag"]
        value = "Countess" if change == "name" else False

        changed = await person.client.patch(path, json={change: value}, headers={"If-Match": old})

        assert changed.status_code == 200
        assert changed.headers["etag"] != old
        again = await person.client.patch(path, json={change: value}, headers={"If-Match": old})
        assert_problem(again, *STALE)
        assert (await admin.client.get(f"/users/{ada.id}")).headers["etag"] == changed.headers["etag"]
