"""How code that was drawn by chance writes what the checker has to see."""

from pathlib import Path

import pytest
from shipworthy.check.engine import check

APP = "from fastapi import Depends, FastAPI\napp = FastAPI()\n"
READ = f"{APP}import asyncio\n@app.get('/')\nasync def read() -> str:\n    await asyncio.sleep(0)\n"
STORE = """
import time
from typing import Protocol
class Store(Protocol):
    def load(self, name): ...
class Shelf:
    def __init__(self, store: Store) -> None:
        self.store = store
    def take(self):
        return self.store.load('a')
"""


def found(folder: Path, code: str, **files: str) -> list[str]:
    """What a rule says of some files; `__in__` is a slash in their names."""
    for name, text in files.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [each.message for each in check([folder], {code}, set()).findings if each.confidence == "high"]


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("def load(self, name):\n        time.sleep(1)", True),
        ("def load(self, path):\n        time.sleep(1)", False),
        ("async def load(self, name):\n        time.sleep(1)", False),
    ],
)
def test_a_class_follows_a_protocol_without_naming_it(method: str, told: object, tmp_path: Path) -> None:
    text = f"{STORE}class Disk:\n    {method}\n{READ}    return Shelf(object()).take()\n"

    assert bool(found(tmp_path, "SW101", main=text)) is told


def test_what_a_factory_says_it_gives_is_the_class_that_follows_the_protocol(tmp_path: Path) -> None:
    text = f"{STORE}class Disk:\n    size: str = 'a'\n    def load(self, name):\n        return name\n"
    cloud = "class Cloud:\n    def load(self, name):\n        time.sleep(1)\n"
    make = "def make() -> Store:\n    return Cloud()\n"

    assert len(found(tmp_path, "SW101", main=f"{text}{cloud}{make}{READ}    return make().load('a')\n")) == 1


def test_a_class_of_routes_is_decorated_by_a_library(tmp_path: Path) -> None:
    text = (
        "from classy_fastapi import Routable, get, post\nfrom fastapi import APIRouter, FastAPI\n"
        "class Items(Routable):\n    @post('/items')\n    def create_item(self) -> str:\n        return ''\n"
        "    @get('/items')\n    def list_items(self) -> str: ...\n"
        "    @get('/items/{key}')\n    def read_item(self, key: str) -> str: ...\n"
        "app = FastAPI()\napp.include_router(Items().router, prefix='/v1')\n"
    )

    assert len(found(tmp_path, "SW202", main=text)) == 1
    assert len(found(tmp_path, "SW206", main=text.replace("/v1", ""))) == 1
    assert found(tmp_path, "SW206", main=text) == []
    assert found(tmp_path, "SW202", main=text.replace("classy_fastapi", "tasks")) == []


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


@pytest.mark.parametrize("folder", ["use_cases", "repositories", "crud", "item_service"])
def test_what_is_below_the_routes_speaks_no_http(folder: str, tmp_path: Path) -> None:
    error = "from fastapi import HTTPException\nclass Missing(HTTPException): ...\n"
    work = "from app.errors import Missing\ndef find():\n    raise Missing(404)\n"
    files = {"app__in__errors": error, f"app__in__{folder}__in__items": work, "main": APP}

    assert len(found(tmp_path, "SW402", **files)) == 1


def test_no_file_imports_itself(tmp_path: Path) -> None:
    (tmp_path / "src" / "user").mkdir(parents=True)
    (tmp_path / "src" / "__init__.py").write_text("")
    (tmp_path / "src" / "user" / "__init__.py").write_text("")
    base = "from fastapi import HTTPException\nclass Refused(HTTPException): ...\n"
    heir = "from exceptions import Refused\nclass Unknown(Refused): ...\n"
    service = "from user.exceptions import Unknown\ndef find():\n    raise Unknown(401)\n"
    files = {"src__in__exceptions": base, "src__in__user__in__exceptions": heir}

    assert len(found(tmp_path, "SW402", **files, src__in__user__in__service=service)) == 1


@pytest.mark.parametrize(("how", "told"), [("dict", True), ("model_dump", True), ("json", False)])
def test_the_options_of_the_cors_middleware_may_be_settings(how: str, told: object, tmp_path: Path) -> None:
    settings = (
        "from pydantic import Field\nfrom pydantic_settings import BaseSettings\nclass Cors(BaseSettings):\n"
        f"    allow_origins: list[str] = Field(['*'])\ncors = Cors().{how}()\n"
    )
    text = (
        "from fastapi.middleware.cors import CORSMiddleware\nfrom settings import cors\n"
        f"{APP}app.add_middleware(CORSMiddleware, **cors)\n"
    )

    assert bool(found(tmp_path, "SW302", main=text, settings=settings)) is told


@pytest.mark.parametrize(("decorator", "advice"), [("@lru_cache", "call it from one"), ("", "make it")])
def test_what_is_remembered_cannot_be_made_async(decorator: str, advice: str, tmp_path: Path) -> None:
    text = (
        f"from functools import lru_cache\n{APP}class Store: ...\n{decorator}\n"
        "def make():\n    return Store()\n"
        "@app.get('/')\nasync def read(store=Depends(make)) -> str:\n    return ''\n"
    )

    [message] = found(tmp_path, "SW103", main=text)

    assert advice in message


@pytest.mark.parametrize(("target", "told"), [("io.BytesIO()", False), ("'a.xlsx'", True)])
def test_what_is_written_into_memory_waits_for_nothing(target: str, told: object, tmp_path: Path) -> None:
    text = (
        f"import io\nimport pandas as pd\n{READ}    with pd.ExcelWriter({target}) as writer:\n"
        "        pd.read_csv(io.StringIO()).to_excel(writer)\n    return ''\n"
    )

    assert bool(found(tmp_path, "SW101", main=text)) is told


@pytest.mark.parametrize(("name", "told"), [("test-endpoints", False), ("mail_test", True)])
def test_tests_are_no_request_code_and_what_routes_test_is(name: str, told: object, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("PASSWORD = 'correcthorse99'\nTEST_PASSWORD = 'correcthorse99'\n")

    assert len(found(tmp_path, "SW501", main=APP)) == told


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        ("import bcrypt", "bcrypt.checkpw(b'', b'')", True),
        ("import hashlib", "hashlib.pbkdf2_hmac('sha256', b'', b'', 600_000)", True),
        ("from passlib.context import CryptContext\nhasher = CryptContext()", "hasher.verify('', '')", True),
        ("import hashlib", "hashlib.sha256(b'')", False),
    ],
)
def test_to_hash_a_password_is_to_block(head: str, body: str, told: object, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "SW101", main=f"{head}\n{READ}    {body}\n    return ''\n")) is told
