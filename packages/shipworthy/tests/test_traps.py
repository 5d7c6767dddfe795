"""What is told, and what is not, where code is written in less usual ways."""

from pathlib import Path

import pytest

from packages.shipworthy.tests.snippets import told

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
CORS = "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\napp = FastAPI()\n"
SETTINGS = """
from pydantic import Field
from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    origins: list[str] = ["*"]
    hosts: list[str] = Field(default_factory=lambda: ["*"])
    closed: list[str] = []
settings = Settings()
"""
IMPORTED = "from .settings import settings as s\n"
ERRORS = """
from fastapi import HTTPException as Refusal
class Failure(Refusal): ...
class NotFound(Failure): ...
class ItemNotFound(NotFound): ...
"""
FILE = "from fastapi.responses import FileResponse"
MODEL = "from pydantic import BaseModel\nclass Item(BaseModel):\n    name: str\n"
SESSIONS = """
from contextlib import asynccontextmanager
from typing import Annotated
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
maker = async_sessionmaker()
"""


def found(folder: Path, code: str, **files: str) -> list[str]:
    """What a rule says, however certain it is."""
    return [each.message for each in told(folder, code, **files)]


@pytest.mark.parametrize(
    ("text", "unless"),
    [
        ('options = {"allow_origins": ["*"]}\napp.add_middleware(CORSMiddleware, **options)', False),
        ('def add():\n  a = ["*"]\n  app.add_middleware(CORSMiddleware, allow_origins=a)', False),
        ('app.add_middleware(CORSMiddleware, allow_origin_regex=".*")', False),
        ('app.add_middleware(CORSMiddleware, allow_origins=["https://a.example", "*"])', False),
        ('import os\napp.add_middleware(CORSMiddleware, allow_origins=os.getenv("A") or ["*"])', True),
        (f"{IMPORTED}app.add_middleware(CORSMiddleware, allow_origins=s.origins)", True),
        (f"{IMPORTED}app.add_middleware(CORSMiddleware, allow_origins=[str(o) for o in s.hosts])", True),
    ],
)  # fmt: skip
def test_every_origin_is_seen_however_it_is_written(text: str, unless: object, tmp_path: Path) -> None:
    files = {"shop__in____init__": "", "shop__in__settings": SETTINGS, "shop__in__main": CORS + text}

    [message] = found(tmp_path, "SW302", **files)

    assert ("unless" in message) is unless


@pytest.mark.parametrize(
    "text",
    [
        'app.add_middleware(CORSMiddleware, allow_origins=["https://*.example.com"])',
        'app.add_middleware(CORSMiddleware, allow_origin_regex=r"https://\\w+\\.example\\.com")',
        'app.add_middleware(CORSMiddleware, allow_origins=[], allow_methods=["*"])',
        "from .settings import settings\napp.add_middleware(CORSMiddleware, allow_origins=settings.closed)",
    ],
)
def test_named_origins_are_left_alone(text: str, tmp_path: Path) -> None:
    files = {"shop__in____init__": "", "shop__in__settings": SETTINGS, "shop__in__main": CORS + text}

    assert found(tmp_path, "SW302", **files) == []


def test_an_heir_of_http_exception_is_seen_three_levels_deep(tmp_path: Path) -> None:
    service = "from .errors import ItemNotFound\ndef read():\n    raise ItemNotFound(404)\n"
    files = {"shop__in____init__": "", "shop__in__errors": ERRORS, "shop__in__item_service": service}

    assert found(tmp_path, "SW402", **files) == [
        "`read` is no route and raises `ItemNotFound`; raise a domain error"
    ]


def test_a_folder_of_services_that_holds_routes_is_an_application(tmp_path: Path) -> None:
    helper = "from fastapi import HTTPException\ndef fail():\n    raise HTTPException(400)\n"
    files = {
        "services__in__main": f"{APP}@app.get('/')\ndef read() -> str: ...\n",
        "services__in__help": helper,
    }

    assert found(tmp_path, "SW402", **files) == []


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        ("class Response(dict): ...", "return Response()", True),
        ("from fastapi.responses import HTMLResponse", "return HTMLResponse('')", False),
        (f"{FILE} as F\ndef send(): return F('a')", "return send()", False),
        (f"{FILE}\nclass Sheet(FileResponse): ...", "return Sheet('a')", False),
        ("from fastapi.responses import JSONResponse\nclass Envelope(JSONResponse): ...",
         "return Envelope({})", True),
    ],
)  # fmt: skip
def test_what_is_answered_decides_whether_a_type_is_missing(
    head: str, body: str, told: object, tmp_path: Path
) -> None:
    text = f"{head}\n{APP}@app.get('/')\ndef read():\n    {body}\n"

    assert bool(found(tmp_path, "SW201", main=text)) is told


@pytest.mark.parametrize(
    ("decorator", "name", "told"),
    [
        ('post("/items")', "create_item", True),
        ('post("/items")', "createItem", True),
        ('post("/items")', "api_add_item", True),
        ('post("/items", status_code=201)', "create_item", False),
        ('post("/items", status_code=202)', "create_item", False),
        ('post("/chat/completions")', "create_chat_completion", False),
        ('post("/carts/{cart}")', "add_item_to_cart", False),
        ('post("/items/search")', "create_search", False),
        ('get("/items/new")', "create_item", False),
        ('put("/items/{item}")', "create_item", False),
        ('get("/items/{item}", status_code=201)', "read_item", True),
    ],
)
def test_a_creation_is_told_from_a_remote_call(
    decorator: str, name: str, told: object, tmp_path: Path
) -> None:
    text = f"{APP}@app.{decorator}\ndef {name}() -> str:\n    return ''\n"

    assert bool(found(tmp_path, "SW202", main=text)) is told


def test_a_commit_is_followed_into_context_managers(tmp_path: Path) -> None:
    text = """
@asynccontextmanager
async def transaction():
    async with maker() as session:
        yield session
        await session.commit()
async def get_session():
    async with transaction() as session:
        yield session
Session = Annotated[AsyncSession, Depends(get_session)]
"""
    assert len(found(tmp_path, "SW406", main=SESSIONS + text)) == 1


@pytest.mark.parametrize(
    "body",
    [
        "async with maker() as session:\n        yield session",
        "repository = Repository()\n    yield repository\n    repository.commit()",
        "session = maker()\n    await session.commit()\n    yield session",
    ],
)
def test_a_dependency_that_commits_nothing_afterwards_is_left_alone(body: str, tmp_path: Path) -> None:
    text = f"async def get():\n    {body}\nSession = Annotated[AsyncSession, Depends(get)]\n"

    assert found(tmp_path, "SW406", main=SESSIONS + text) == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('SECRET_KEY = "changeme"', True),
        ('import os\nSECRET_KEY = os.getenv("SECRET_KEY", "changeme")', True),
        ('import os\nSECRET_KEY = os.environ["SECRET_KEY"]', False),
        ('SECRET_KEY = "SECRET_KEY"', False),
        ('API_KEY = "X-API-Key"', False),
        ('EOS_TOKEN = "</s>"', False),
        ('PASSWORD = "password"', False),
        ('from enum import Enum\nclass Kind(Enum):\n    api_key = "by-key-alone"', False),
        ('PASSWORD_RESET_URL = "https://shop.example/reset"', False),
    ],
)
def test_a_secret_is_told_from_what_only_names_one(line: str, told: object, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "SW501", main=line)) is told


def test_the_first_pydantic_is_left_alone_where_a_project_asks_for_it(tmp_path: Path) -> None:
    old = f"{MODEL}    class Config:\n        orm_mode = True\n"

    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    (tmp_path / "first" / "requirements.txt").write_text("fastapi<0.100\npydantic>=1.10,<2\n")
    (tmp_path / "second" / "requirements.txt").write_text("pydantic>=2.1\npydantic-settings<2\n")

    assert found(tmp_path / "first", "SW601", main=old) == []
    assert len(found(tmp_path / "second", "SW601", main=old)) == 1


@pytest.mark.parametrize("name", ["db", "session"])
def test_a_session_without_annotation_is_known_by_its_name(name: str, tmp_path: Path) -> None:
    text = f"{APP}@app.get('/')\ndef read({name}) -> str:\n    return {name}.query(Item).first()\n"

    assert len(found(tmp_path, "SW401", main=text)) == 1


@pytest.mark.parametrize(
    "call", ["repo.commit()", "placer.flush()", "placeholder.query('a')", "users.get(1)"]
)
def test_what_only_sounds_like_a_database_is_left_alone(call: str, tmp_path: Path) -> None:
    text = f"{APP}@app.get('/')\ndef read(repo, placer, placeholder, users) -> str:\n    return {call}\n"

    assert found(tmp_path, "SW401", main=text) == []


def test_scripts_may_print(tmp_path: Path) -> None:
    script = "def main():\n    print('done')\nif __name__ == '__main__':\n    main()\n"
    served = f"{APP}def log():\n    print('a')\n@app.get('/')\ndef read() -> str:\n    log()\n    return ''\n"

    assert len(found(tmp_path, "SW503", tool=script, main=served)) == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("shout", True),
        ("loud", True),
        ("tool.shout", True),
        ("Shouter().shout", True),
        ("shouter", True),
        ("whisper", False),
    ],
)
def test_what_is_handed_on_runs_by_whatever_name(given: str, told: object, tmp_path: Path) -> None:
    tool = "def shout(*_):\n    print('a')\nclass Shouter:\n    def shout(self):\n        print('a')\n"
    if given == "shouter":  # where nothing is called like that, objects need not be looked at
        tool += "    def __call__(self):\n        print('a')\n"
    main = (
        "import asyncio\nimport tool\nfrom tool import Shouter, shout, shout as loud\n"
        "from fastapi import FastAPI\napp = FastAPI()\ndef whisper(): ...\n"
        "@app.get('/')\nasync def read() -> None:\n    shouter = Shouter()\n"
        f"    await asyncio.to_thread({given})\n"
    )

    assert bool(found(tmp_path, "SW503", tool=tool, main=main)) is told


def test_whoever_hands_an_object_on_does_not_make_it(tmp_path: Path) -> None:
    tool = (
        "class Loud:\n    def __init__(self):\n        print('a')\nclass Task:\n    def __call__(self): ...\n"
    )
    main = f"from tool import loud\n{APP}@app.get('/')\ndef read() -> str:\n    return str(loud)\n"

    assert found(tmp_path, "SW503", tool=f"{tool}loud = Loud()\n", main=main) == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("s = Local()\n    s.execute('')", True),
        ("s = Local()\n    try:\n        s.execute('')\n    finally:\n        s.close()", False),
        ("s = Local()\n    with s:\n        s.execute('')", False),
        ("s = Local()\n    return keep(s)", False),
    ],
)
def test_a_session_may_be_closed_in_any_way(body: str, told: object, tmp_path: Path) -> None:
    head = f"from sqlalchemy.orm import sessionmaker\nLocal = sessionmaker()\n{APP}"
    text = f"{head}def work():\n    {body}\n@app.get('/')\ndef read() -> str:\n    work()\n    return ''\n"

    assert bool(found(tmp_path, "SW405", main=text)) is told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("User(id=1)", True),
        ("session.query(User).filter(User.id == 1).first()", True),
        ("[user for user in session.scalars(select(User)).all()]", True),
        ("{'user': session.get(User, 1)}", True),
        ("session.query(User.id).all()", False),
        ("session.query(User).count()", False),
        ("Shown.model_validate(session.get(User, 1))", False),
    ],
)
def test_a_row_is_followed_from_its_query_to_the_answer(answer: str, told: object, tmp_path: Path) -> None:
    head = "from pydantic import BaseModel\nfrom sqlalchemy import select\nclass Shown(BaseModel): ...\n"
    table = (
        "from sqlalchemy.orm import DeclarativeBase\nclass User(DeclarativeBase):\n    __tablename__ = 'a'\n"
    )
    text = f"{head}{table}{APP}@app.get('/')\ndef read(session):\n    return {answer}\n"

    assert bool(found(tmp_path, "SW205", main=text)) is told
