"""Query parameters of lists: what they find, and what they refuse."""

import pytest

from tests.support import Person, assert_problem


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"status": "active"}, ["Lamp"]),
        ({"tag": "brass"}, ["Clock", "Lamp"]),
        ({"tag": "bras"}, []),
        ({"tag": "brass", "status": "draft"}, ["Clock"]),
        ({"q": "LAMP"}, ["100% lamp_shade", "Lamp"]),
        ({"q": "brass"}, ["Clock"]),
        ({"q": "%"}, ["100% lamp_shade"]),
        ({"q": "_"}, ["100% lamp_shade"]),
        ({"q": "\\"}, ["C:\\clock"]),
        ({"q": "l_mp"}, []),
        ({"q": "' OR 1=1 --"}, []),
    ],
)
async def test_filters_narrow_the_list_and_search_takes_every_character_literally(
    ada: Person, query: dict[str, str], titles: list[str]
) -> None:
    for item in (
        {"title": "Lamp", "status": "active", "tags": ["brass", "light"]},
        {"title": "Clock", "description": "Made of Brass.", "tags": ["brass"]},
        {"title": "100% lamp_shade"},
        {"title": "C:\\clock"},
    ):
        await ada.client.post("/items", json=item)

    answer = await ada.client.get("/items", params={"sort": "title", **query})

    assert [item["title"] for item in answer.json()["items"]] == titles


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        *(
            ("/items", {"limit": limit}, "/query/limit")
            for limit in ("0", "101", "-1", "1e1", " 7 ", "+7", "1_0", "٣", "")
        ),
        ("/items", {"limit": str(2**63)}, "/query/limit"),
        ("/items", {"limit": "9" * 5000}, "/query/limit"),
        ("/items", {"sort": "owner_id"}, "/query/sort"),
        ("/items", {"sort": "title; DROP TABLE items"}, "/query/sort"),
        ("/items", {"q": "\0"}, "/query/q"),
        ("/items", {"q": " "}, "/query/q"),
        ("/items", {"q": "x" * 201}, "/query/q"),
        ("/items", {"offset": "1"}, "/query/offset"),
        ("/items", {"status": "sold"}, "/query/status"),
        ("/items", {"tag": ""}, "/query/tag"),
        ("/users", {"offset": "1"}, "/query/offset"),
        ("/users", {"limit": "101"}, "/query/limit"),
        ("/users", {"role": "owner"}, "/query/role"),
        ("/users", {"is_active": "yes"}, "/query/is_active"),
        ("/users", {"sort": "password_hash"}, "/query/sort"),
    ],
)
async def test_a_bad_or_unknown_parameter_is_refused_with_its_name(
    admin: Person, path: str, query: dict[str, str], pointer: str
) -> None:
    problem = assert_problem(await admin.client.get(path, params=query), 422, "validation-failed")

    assert [each["pointer"] for each in problem["errors"]] == [pointer]
