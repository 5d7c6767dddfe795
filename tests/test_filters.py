"""Query parameters of lists: what they find, and what they refuse."""

import pytest

from tests.support import Person, assert_problem

# What sqlmap and its like try; nothing of it is a word of ours.
HOSTILE = [
    "' OR 1=1 --",
    "lamp') OR ('1'='1",
    "lamp' UNION SELECT password_hash FROM users --",
    "lamp'; SELECT pg_sleep(9); --",
    "lamp' AND 1=CAST((SELECT version()) AS int) --",
    "lamp':* | 'clock",
    "zz:* | lamp:*",
    "!zz",
    "}', '{",
    "$9 $$ \\' \\\\",
    "x" * 40 + " lamp" * 20,
]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"status": "active"}, ["Lamp"]),
        ({"tag": "brass"}, ["Clock", "Lamp"]),
        ({"tag": "bras"}, []),
        ({"tag": "brass", "status": "draft"}, ["Clock"]),
        ({"q": "LAMP"}, ["100% lamp_shade", "Lamp"]),
        ({"q": "la"}, ["100% lamp_shade", "Lamp"]),
        ({"q": "amp"}, []),  # words are found by their beginning
        ({"q": "brass"}, ["Clock"]),
        ({"q": "cl made.of"}, ["Clock"]),  # every word, wherever it is
        ({"q": "clock lamp"}, []),
        ({"q": "Shade%"}, ["100% lamp_shade"]),
        ({"q": "c:\\clo"}, ["C:\\clock", "Clock"]),
        ({"q": "äR"}, ["Ärger's <b>end</b>"]),
        ({"q": "end"}, ["Ärger's <b>end</b>"]),
        *(
            ({"q": q}, []) for q in ("%", "_", "\\", "'", ":*", "!", "&|!()<->", "***")
        ),  # no word, nothing found
        *(({"q": q}, []) for q in HOSTILE),
        *(({"tag": tag[:50]}, []) for tag in HOSTILE),
    ],
)
async def test_filters_narrow_the_list_and_search_finds_words_by_their_beginning(
    ada: Person, bob: Person, query: dict[str, str], titles: list[str]
) -> None:
    for item in (
        {"title": "Lamp", "status": "active", "tags": ["brass", "light"]},
        {"title": "Clock", "description": "Made of Brass.", "tags": ["brass"]},
        {"title": "100% lamp_shade"},
        {"title": "C:\\clock"},
        {"title": "Ärger's <b>end</b>"},
    ):
        await ada.client.post("/items", json=item)

    await bob.client.post(
        "/items", json={"title": "Lamp of brass 1 1", "tags": ["brass"], "status": "active"}
    )

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
