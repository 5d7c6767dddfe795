"""What code that nobody tuned the checker to does differently, and what it makes of it."""

from pathlib import Path

import pytest
from shipworthy.check.engine import check
from shipworthy.check.project import read

APP = "from fastapi import Depends, FastAPI\napp = FastAPI()\n"
READ = f"{APP}import asyncio\n@app.get('/')\nasync def read() -> str:\n    await asyncio.sleep(0)\n"
WORK = "import time\ndef work():\n    time.sleep(1)\n"
STORES = """
import time
from abc import ABC, abstractmethod
class Store(ABC):
    @abstractmethod
    def load(self): ...
class Disk(Store):
    def load(self):
        time.sleep(1)
class Cloud(Store):
    def load(self):
        time.sleep(2)
"""
MIXED = STORES.replace("time.sleep(1)", "return {}")
EARLY = """
made = None
def get():
    global made
    if made is not None:
        return made
    made = work()
    return made
"""
KEPT = """
made = {}
def get(key):
    kept = made.get(key)
    if kept is None:
        kept = work()
        made[key] = kept
    return kept
"""
OPENED = """
class Pool:
    kept = None
    def take(self):
        if self.kept is None:
            self.open()
        return self.kept
    def open(self):
        self.kept = work()
"""
PEEWEE = "import peewee\nclass Item(peewee.Model):\n    name = peewee.CharField()\n"


def found(folder: Path, code: str, **files: str) -> list[str]:
    """What a rule says of some files; `__in__` is a slash in their names."""
    for name, text in files.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return [each.message for each in check([folder], {code}, set()).findings if each.confidence == "high"]


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("from shop.lazy import work", "work()"),
        ("from shop import load", "load()"),
        ("from shop.stores import Store", "store: Store = make()\n    store.load()"),
        ("from shop.mixed import current", "current().load()"),
        ("from shop.rows import Item", "list(Item.select().where(Item.name == 'a'))"),
        ("from shop.rows import Item", "rows: list[Item] = Item.select()\n    names = [a for a in rows]"),
        ("from shop.rows import Item", "names = [each.name for each in Item.select()]"),
        ("from shop.lives import Life", "Life().age"),
        ("from shop.stores import Disk\nclass Many[T](Disk): ...", "Many[int]().load()"),
        ("from shop.cloud import bucket", "bucket().blob('a').upload_from_string('')"),
        ("from firebase_admin import firestore",
         "query = firestore.client().collection('a').where('b', '==', 1).limit(2)\n    query.stream()"),
        ("from supabase import Client, create_client\nclient: Client = create_client('', '')",
         "client.storage.from_('a').upload('b', b'')"),
        ("from langchain_openai import ChatOpenAI\nfrom langchain_core.prompts import PromptTemplate",
         "(PromptTemplate() | ChatOpenAI()).invoke({})"),
        ("from celery import Celery\nqueue = Celery()", "queue.control.inspect().ping()"),
    ],
)  # fmt: skip
def test_what_blocks_is_reached(head: str, body: str, tmp_path: Path) -> None:
    files = {
        "shop__in____init__": "from .load import load\n",
        "shop__in__load": WORK.replace("work", "load"),
        "shop__in__work": WORK,
        "shop__in__lazy": "def __getattr__(name):\n    from shop.work import work as w\n    return w\n",
        "shop__in__stores": STORES,
        "shop__in__mixed": f"{MIXED}kept: Store | None = None\ndef current() -> Store:\n    global kept\n"
        "    kept = Cloud()\n    return kept\n",
        "shop__in__rows": PEEWEE,
        "shop__in__lives": f"{WORK}class Life:\n    @property\n    def age(self):\n        work()\n",
        "shop__in__cloud": "from google.cloud import storage\ndef bucket():\n"
        "    return storage.Client().bucket('a')\n",
        "main": f"{head}\n{READ}    {body}\n    return ''\n",
    }

    assert len(found(tmp_path, "SW101", **files)) == 1


def test_a_module_that_imports_late_keeps_what_else_it_does(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("def __getattr__(name):\n    global kept\n    kept = name\n")

    project = read([tmp_path])

    assert "late.__getattr__" in project.functions
    assert project.sources["late"].globals == {"kept": ["__getattr__"]}


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (MIXED, "store: Store = make()\n    store.load()"),
        (f"{WORK}made = {{}}\ndef get(a):\n    if a not in made:\n        made[a] = work()\n", "get(1)"),
        (f"{WORK}{EARLY}", "get()"),
        (f"{WORK}{KEPT}", "get(1)"),
        (f"{WORK}{OPENED}", "Pool().take()"),
        (PEEWEE, "Item.select().where(Item.name == 'a').limit(2)"),
        ("from firebase_admin import firestore", "firestore.client().collection('a').where('b', '==', 1)"),
        ("from google.cloud import firestore",
         "await firestore.AsyncClient().collection('a').document('b').get()"),
        ("from langchain_openai import ChatOpenAI", "await ChatOpenAI().ainvoke('')"),
    ],
)  # fmt: skip
def test_what_does_not_block_or_only_once_is_left_alone(head: str, body: str, tmp_path: Path) -> None:
    assert found(tmp_path, "SW101", main=f"{head}\n{READ}    {body}\n    return ''\n") == []


def test_the_call_that_waits_is_told_and_not_what_is_made_of_its_answer(tmp_path: Path) -> None:
    head = "from firebase_admin import firestore\n"
    body = "return firestore.client().collection('a').document('b').get().to_dict().get('c')"

    [message] = found(tmp_path, "SW101", main=f"{head}{READ}    {body}\n")

    assert "document().get`" in message


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        ("class Done(JSONResponse): ...", "return Done({})", True),
        ("class Done(JSONResponse):\n    def __init__(self, data):\n        super().__init__(data, 201)",
         "return Done({})", False),
        ("def done(code=200):\n    return JSONResponse({}, status_code=code)", "return done()", True),
        ("def done():\n    return JSONResponse({}, status_code=201)", "return done()", False),
    ],
)  # fmt: skip
def test_a_creation_is_judged_by_the_status_that_is_sent(
    head: str, body: str, told: object, tmp_path: Path
) -> None:
    text = f"from fastapi.responses import JSONResponse\n{head}\n{APP}"

    handler = f"@app.post('/items')\ndef create_item():\n    {body}\n"
    assert bool(found(tmp_path, "SW202", main=text + handler)) is told


@pytest.mark.parametrize(
    ("decorator", "name", "told"),
    [
        ("post('/same-day-run')", "create_same_day_run", True),
        ("post('')", "add_to_waitlist", True),
        ("post('/items')", "create_or_update_item", False),
    ],
)
def test_creations_go_by_their_verb(decorator: str, name: str, told: object, tmp_path: Path) -> None:
    text = f"{APP}@app.{decorator}\ndef {name}() -> str:\n    return ''\n"

    assert bool(found(tmp_path, "SW202", main=text)) is told


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        ("fastapi==0.111.0", False),
        ('fastapi = "^0.115.0"', False),
        ('"fastapi>=0.139,<0.142",', True),
        ("fastapi", True),
    ],
)
def test_what_came_with_a_version_is_told_to_those_who_have_it(
    pin: str, told: object, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text(f"{pin}\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "setup.py").write_text("# a module of the application")
    loop = (
        "from fastapi.routing import APIRoute\nnames = [r for r in app.routes if isinstance(r, APIRoute)]\n"
    )
    limits = "from slowapi import Limiter\nlimiter = Limiter(default_limits=['1/minute'])\n"
    old = "from fastapi import status\ncode = status.HTTP_422_UNPROCESSABLE_ENTITY\n"

    for code, text in {"SW306": loop, "SW307": limits, "SW308": old}.items():
        assert bool(found(tmp_path, code, app__in__main=f"{APP}{text}")) is told


def test_no_default_limits_are_none(tmp_path: Path) -> None:
    assert (
        found(tmp_path, "SW307", main="from slowapi import Limiter\nl = Limiter(default_limits=[])\n") == []
    )


def test_an_heir_of_the_cors_middleware_is_one(tmp_path: Path) -> None:
    text = (
        "from fastapi.middleware.cors import CORSMiddleware\nclass Paths(CORSMiddleware): ...\n"
        f"{APP}app.add_middleware(Paths, allow_origins=['*'])\n"
    )

    assert len(found(tmp_path, "SW302", main=text)) == 1


def test_a_page_that_a_helper_makes_is_no_json(tmp_path: Path) -> None:
    text = (
        "from starlette.templating import _TemplateResponse\nclass Form:\n"
        f"    def answer(self) -> _TemplateResponse:\n        return self.pages.TemplateResponse('a')\n{APP}"
        "@app.get('/')\ndef read():\n    form = Form()\n    return form.answer()\n"
    )

    assert found(tmp_path, "SW201", main=text) == []


def test_a_status_that_is_worked_out_may_be_that_of_an_error(tmp_path: Path) -> None:
    head = f"from fastapi.responses import JSONResponse\n{APP}"
    route = "@app.get('/', response_model=dict)\ndef read(a: int):\n"
    text = f"{route}    return JSONResponse({{{{}}}}, status_code={{}})\n"

    assert found(tmp_path, "SW203", main=head + text.format("codes[a]")) == []
    assert len(found(tmp_path, "SW203", main=head + text.format("200"))) == 1


def test_an_answer_is_what_its_annotation_says_where_a_library_makes_it(tmp_path: Path) -> None:
    text = (
        "import openai\nfrom fastapi.responses import RedirectResponse\n"
        f"{APP}@app.get('/')\ndef read():\n    client = openai.make()\n"
        "    answer: RedirectResponse = client.redirect()\n    return answer\n"
    )

    assert found(tmp_path, "SW201", main=text) == []


def test_a_class_of_routes_may_answer_to_errors(tmp_path: Path) -> None:
    routes = "".join(f"@app.get('/v1/{name}')\ndef {name}() -> str: ...\n" for name in "abc")
    careful = (
        "from fastapi.routing import APIRoute\nclass Careful(APIRoute):\n    def get_route_handler(self):\n"
        "        try:\n            return super().get_route_handler()\n        except ValueError:\n"
        "            return None\n"
    )

    assert len(found(tmp_path, "SW303", main=APP + routes)) == 1
    assert found(tmp_path, "SW303", main=careful + APP + routes) == []


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


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('SANDBOX_PROXY_SECRET = os.getenv("SANDBOX_PROXY_SECRET", "sandbox-proxy")', False),
        ('CERT_SECRET_KEY = "ca.crt"', False),
        ('SECRET_KEY = os.getenv("SECRET_KEY", "secret-key")', True),
        ('SECRET_KEY_ACCESS = os.getenv("SECRET_KEY_ACCESS", "super-secret-key")', True),
    ],
)
def test_the_name_of_a_secret_is_none(line: str, told: object, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "SW501", main=f"import os\n{line}\n")) is told


def test_what_is_sent_to_those_who_watch_may_be_lost(tmp_path: Path) -> None:
    text = (
        "from fastapi import BackgroundTasks\ndef send_real_time_notification(): ...\ndef send_mail(): ...\n"
        f"{APP}@app.post('/')\ndef write(tasks: BackgroundTasks) -> str:\n"
        "    tasks.add_task(send_real_time_notification)\n    tasks.add_task(send_mail)\n    return ''\n"
    )

    assert len(found(tmp_path, "SW104", main=text)) == 1


def test_examples_are_no_request_code(tmp_path: Path) -> None:
    assert found(tmp_path, "SW201", app_example=f"{APP}@app.get('/')\ndef read():\n    return {{}}\n") == []
