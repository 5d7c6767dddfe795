"""Queries, sessions and rows: where they are, and where they only seem to be."""

from pathlib import Path

import pytest

from packages.shipworthy.tests.snippets import APP, found


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return db.table('items').select('*').eq('id', 1).execute().data", True),
        ("query = db.from_('items').select('*')\n    return query.limit(1).execute().data", True),
        ("return db.files().list().execute()", False),
    ],
)
def test_a_query_that_is_built_in_a_route_is_one(body: str, told: object, tmp_path: Path) -> None:
    text = f"{APP}@app.get('/')\ndef read(db=Depends(make)) -> list[str]:\n    {body}\n"

    assert bool(found(tmp_path, "SW401", main=text)) is told


@pytest.mark.parametrize(
    ("pin", "advice"),
    [
        ("fastapi", "scope="),
        ("fastapi==0.118.3", "before the route returns"),
        ("fastapi==0.115.12", ""),
        ("fastapi==0.105.0", "before the route returns"),
    ],
)
def test_what_is_committed_after_the_answer_depends_on_the_version(
    pin: str, advice: str, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text(f"{pin}\n")
    text = (
        "from sqlalchemy.orm import Session\ndef get_db():\n    session = Session()\n    yield session\n"
        f"    session.commit()\n{APP}@app.get('/')\ndef read(db=Depends(get_db)) -> str: ...\n"
    )

    messages = found(tmp_path, "SW406", main=text)

    assert [advice in each for each in messages] == [True] * bool(advice)


@pytest.mark.parametrize("driver", ["psycopg2", "pymysql", "sqlite3"])
def test_a_cursor_queries_whatever_opened_it(driver: str, tmp_path: Path) -> None:
    text = (
        f"import {driver}\ndef connect():\n    return {driver}.connect('')\n{APP}@app.get('/')\n"
        "def read() -> str:\n    found = connect().cursor()\n    found.execute('')\n    return ''\n"
    )

    assert len(found(tmp_path, "SW401", main=text)) == 1


def test_what_a_query_gave_is_no_database(tmp_path: Path) -> None:
    text = (
        "from sqlmodel import Session, select\ndef rows():\n    with Session() as session:\n"
        f"        return session.exec(select(1)).all()\n{APP}@app.get('/')\ndef read() -> list[str]:\n"
        "    data = rows()\n    data.update({})\n    return data\n"
    )

    assert found(tmp_path, "SW401", main=text) == []


def test_to_close_what_was_injected_opens_nothing(tmp_path: Path) -> None:
    text = (
        "from contextlib import closing\nfrom sqlalchemy.orm import Session\n"
        f"{APP}@app.get('/')\ndef read(session: Session) -> str:\n"
        "    with closing(session):\n        return ''\n"
    )

    assert found(tmp_path, "SW404", main=text) == []


def test_a_response_that_was_asked_for_by_its_class_is_no_row(tmp_path: Path) -> None:
    text = (
        "from sqlalchemy.orm import DeclarativeBase, Session\nfrom fastapi import Response\n"
        "class User(DeclarativeBase):\n    __tablename__ = 'users'\n"
        f"def find(session: Session) -> User | Response:\n    return session.get(User, 1)\n{APP}"
        "@app.get('/')\ndef read(session: Session):\n    user = find(session)\n"
        "    if isinstance(user, Response):\n        return user\n    return {}\n"
    )

    assert found(tmp_path, "SW205", main=text) == []


@pytest.mark.parametrize(("asked", "told"), [("User, 1", True), ("'user', {}", False)])
def test_a_session_is_asked_for_a_class_and_a_dictionary_for_a_word(
    asked: str, told: object, tmp_path: Path
) -> None:
    text = f"{APP}@app.get('/')\ndef read() -> str:\n    session = make()\n    return session.get({asked})\n"

    assert bool(found(tmp_path, "SW401", main=text)) is told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("return await Item.get_or_none(id=1)", True),
        ("return await Item.filter(a=1).prefetch_related('b')", True),
        ("items = await Item.all().order_by('a')\n    return {'items': items}", True),
        ("answer = {'item': None}\n    answer['item'] = await Item.get(id=1)\n    return answer", True),
        ("return await Page.find(Page.a == 1).to_list()", True),
        ("return await Item.filter(a=1).count()", False),
        ("return await Item.all().values()", False),
        ("return {'deleted': await Page.find_all().delete()}", False),
    ],
)
def test_a_record_that_finds_itself_is_a_row(answer: str, told: object, tmp_path: Path) -> None:
    text = (
        "from beanie import Document\nfrom tortoise.models import Model\nclass Item(Model): ...\n"
        f"class Page(Document): ...\n{APP}@app.get('/')\nasync def read():\n    {answer}\n"
    )

    assert bool(found(tmp_path, "SW205", main=text)) is told


@pytest.mark.parametrize(("answer", "told"), [("item", True), ("Shown(name=item.name)", False)])
def test_an_annotation_does_not_make_a_row_a_schema(answer: str, told: object, tmp_path: Path) -> None:
    text = (
        "from pydantic import BaseModel\nfrom sqlalchemy.orm import DeclarativeBase, Session\n"
        "class Base(DeclarativeBase): ...\nclass Item(Base):\n    __tablename__ = 'items'\n"
        "class Shown(BaseModel):\n    name: str\ndef find(session: Session) -> Shown:\n"
        f"    item = session.get(Item, 1)\n    return {answer}\n"
        f"{APP}@app.get('/')\ndef read(session: Session):\n    return find(session)\n"
    )

    assert bool(found(tmp_path, "SW205", main=text)) is told


def test_a_row_is_found_behind_an_interface(tmp_path: Path) -> None:
    text = (
        "from abc import ABC, abstractmethod\nfrom sqlalchemy.orm import DeclarativeBase, Session\n"
        "class Base(DeclarativeBase): ...\nclass Item(Base):\n    __tablename__ = 'items'\n"
        "class Items(ABC):\n    @abstractmethod\n    def find(self): ...\n"
        "class Rows(Items):\n    def __init__(self, session: Session):\n        self.session = session\n"
        "    def find(self):\n        return self.session.get(Item, 1)\n"
        f"def rows() -> Items: ...\n{APP}@app.get('/')\n"
        "def read(items: Items = Depends(rows)):\n    return items.find()\n"
    )

    assert len(found(tmp_path, "SW205", main=text)) == 1
