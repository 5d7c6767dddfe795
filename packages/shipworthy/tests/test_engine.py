"""What the engine knows of names, types, calls and paths, on small projects built like real ones."""

from pathlib import Path

import pytest
from shipworthy.check.engine import check
from shipworthy.check.files import modules
from shipworthy.check.finding import Finding
from shipworthy.check.parse import Unread, parse
from shipworthy.check.project import read
from shipworthy.check.routes import Route
from shipworthy.check.world import World, study

APP = "from fastapi import APIRouter, Depends, FastAPI\napp = FastAPI()\n"
SYNC = """
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
make = sessionmaker(bind=create_engine("postgresql://"))
def get_db():
    with make() as db:
        yield db
"""


def world(folder: Path, **files: str) -> World:
    write(folder, **files)
    return study(read([folder]))


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def blocking(folder: Path, **files: str) -> list[Finding]:
    write(folder, **files)
    return check([folder], {"SW101"}, set()).findings


def paths(found: World) -> set[str | None]:
    return {route.full_path for route in found.routes}


def test_modules_of_the_same_name_in_two_roots_are_both_checked(tmp_path: Path) -> None:
    body = "import time\n" + APP + "@app.get('/')\nasync def read() -> None: time.sleep(1)\n"
    write(tmp_path, one__in__main=body, two__in__main=body)

    found = check([tmp_path / "one", tmp_path / "two"], {"SW101"}, set()).findings

    assert [each.path.parent.name for each in found] == ["one", "two"]


def test_two_handlers_of_one_name_are_two_routes(tmp_path: Path) -> None:
    same = "@app.{}('/')\ndef item() -> None: ...\n"

    assert len(world(tmp_path, main=APP + same.format("get") + same.format("put")).routes) == 2


def test_an_import_means_the_module_of_its_own_part_of_a_repository(tmp_path: Path) -> None:
    main = APP + "from db import get\n@app.get('/')\nasync def read() -> None: get()\n"
    files = {"a__in__db": "import time\ndef get(): time.sleep(1)\n", "b__in__db": "def get(): ...\n"}

    found = blocking(tmp_path, a__in__main=main, b__in__main=main, **files)

    assert [each.path.parent.name for each in found] == ["a"]


def test_a_file_named_like_a_library_does_not_hide_it(tmp_path: Path) -> None:
    cache = "from redis import Redis\nclient = Redis()\n"
    main = (
        APP + "from app.core.redis import client\n@app.get('/')\nasync def read(): return client.get('a')\n"
    )

    [found] = blocking(tmp_path, app__in__core__in__redis=cache, main=main)

    assert found.chain[-1].callee == "redis.Redis.get"


def test_a_package_beside_another_is_found_below_its_own_folder(tmp_path: Path) -> None:
    main = APP + "from common.io import go\n@app.get('/')\nasync def read() -> None: go()\n"
    common = "import time\ndef go(): time.sleep(1)\n"

    found = blocking(tmp_path, common__in__src__in__common__in__io=common, server__in__src__in__main=main)

    assert [each.code for each in found] == ["SW101"]


def test_a_module_elsewhere_does_not_stand_for_a_library_of_its_name(tmp_path: Path) -> None:
    main = APP + "import requests\n@app.get('/')\nasync def read() -> None: requests.get('')\n"

    [found] = blocking(tmp_path, lib__in__requests="def get(url): ...\n", app__in__main=main)

    assert found.chain[-1].callee == "requests.get"


PREFIXES = {
    "a constant, through two routers": (
        (
            "outer = APIRouter(prefix='/v1')\ninner = APIRouter(prefix='/items')\n"
            "outer.include_router(inner)\napp.include_router(outer, prefix='/api')\n"
        ),
        "inner",
        "/api/v1/items/{id}",
    ),
    "a name, a field of settings and an f-string": (
        (
            "class Settings:\n    API: str = '/api'\nsettings = Settings()\nV = 'v2'\ninner = APIRouter()\n"
            "app.include_router(inner, prefix=f'{settings.API}/{V}')\n"
        ),
        "inner",
        "/api/v2/{id}",
    ),
    "a loop over a list": (
        (
            "inner = APIRouter(prefix='/a')\nevery = [inner]\n"
            "for each in every:\n    app.include_router(each, prefix='/v1')\n"
        ),
        "inner",
        "/v1/a/{id}",
    ),
    "a mounted application": ("inner = FastAPI()\napp.mount('/v3', inner)\n", "inner", "/v3/{id}"),
    "what only runs": (
        "inner = APIRouter()\napp.include_router(inner, prefix=load())\n",
        "inner",
        "{?}/{id}",
    ),
}


@pytest.mark.parametrize(("head", "router", "path"), PREFIXES.values(), ids=PREFIXES)
def test_a_path_has_the_prefixes_of_its_routers(head: str, router: str, path: str, tmp_path: Path) -> None:
    text = f"{APP}{head}@{router}.get('/{{id}}')\ndef read(id: int) -> None: ...\n"

    assert paths(world(tmp_path, main=text)) == {path}


def test_a_router_made_by_a_function_is_joined_across_files(tmp_path: Path) -> None:
    items = (
        "from fastapi import APIRouter\ndef make():\n    router = APIRouter(prefix='/items')\n"
        "    @router.get('')\n    def read() -> None: ...\n    return router\n"
    )
    main = APP + "from items import make\napp.include_router(make(), prefix='/v1')\n"

    assert paths(world(tmp_path, items=items, main=main)) == {"/v1/items"}


def test_routes_are_registered_by_calls_views_and_subclasses(tmp_path: Path) -> None:
    text = APP + (
        "class Own(APIRouter): ...\nown = Own()\n@own.get('/own')\ndef a() -> None: ...\n"
        "class View:\n    @own.get('/view')\n    def b(self) -> None: ...\n"
        "def c() -> None: ...\napp.add_api_route('/call', c, methods=['POST'])\n"
        "def late(app):\n    @app.get('/late')\n    def d() -> None: ...\n"
    )
    found = world(tmp_path, main=text).routes

    assert {(each.path, each.method) for each in found} == {
        ("/own", "get"), ("/view", "get"), ("/call", "post"), ("/late", "get"),
    }  # fmt: skip


def test_what_a_route_depends_on_is_known_wherever_it_is_asked_for(tmp_path: Path) -> None:
    text = APP + (
        "from typing import Annotated\ndef a(): ...\nasync def b(): ...\ndef c(): ...\ndef d(): ...\n"
        "B = Annotated[int, Depends(b)]\nrouter = APIRouter(dependencies=[Depends(d)])\n"
        "app.include_router(router)\n@router.get('/', dependencies=[Depends(c)])\n"
        "def read(x: B, y=Depends(a)) -> None: ...\n"
    )
    [route] = world(tmp_path, main=text).routes

    assert isinstance(route, Route)
    assert {each.provider.node.name for each in route.dependencies if each.provider} == {"a", "b", "c", "d"}


REACHED = {
    "an injected session without annotation": "async def read(db=Depends(get_db)): return db.execute('')",
    "a session passed on": (
        "def rows(db): return db.execute('')\nasync def read(db=Depends(get_db)): rows(db)"
    ),
    "an attribute set in a method": (
        "class S:\n    def open(self): self.store = make()\n    def go(self): self.store.execute('')\n"
        "async def read(): S().go()"
    ),
    "an inherited method with an attribute of the child": (
        "class A:\n    def go(self): self.store.execute('')\n"
        "class B(A):\n    def __init__(self): self.store = make()\n"
        "async def read(): B().go()"
    ),
    "the one class that fills in an abstract one": (
        "class A:\n    def go(self): raise NotImplementedError\n"
        "class B(A):\n    def go(self): make().execute('')\nasync def read(a: A = Depends(B)): a.go()\n"
    ),
    "a factory without annotation": "def build():\n    return make()\nasync def read(): build().execute('')",
    "next on a generator": "async def read():\n    db = next(get_db())\n    db.execute('')",
    "a class that a function returns": (
        "def kind() -> type[S]: return S\nclass S:\n    def go(self): make().execute('')\n"
        "K = kind()\nasync def read(): K().go()"
    ),
    "a coroutine that is gathered": (
        "import asyncio\nasync def go(): make().execute('')\nasync def read(): await asyncio.gather(go())"
    ),
    "a value of a module that a function sets": (
        "store = None\ndef start():\n    global store\n"
        "    store = make()\nasync def read(): store.execute('')"
    ),
    "what app.state holds": (
        "from fastapi import Request\napp.state.store = make()\n"
        "async def read(request: Request): request.app.state.store.execute('')"
    ),
}


@pytest.mark.parametrize("handler", REACHED.values(), ids=REACHED)
def test_a_session_is_followed_through(handler: str, tmp_path: Path) -> None:
    text = f"{APP}{SYNC}{handler}\napp.get('/')(read)\n".replace(
        "async def read", "@app.get('/')\nasync def read"
    )

    assert [each.code for each in blocking(tmp_path, main=text)] == ["SW101"]


LEFT_ALONE = {
    "a partial handed to a thread": (
        "import asyncio\nfrom functools import partial\n"
        "async def read(): await asyncio.to_thread(partial(make().add, 1))"
    ),
    "a lambda handed to a thread": (
        "from fastapi.concurrency import run_in_threadpool\n"
        "async def read(): await run_in_threadpool(lambda: make().commit())"
    ),
    "a decorator that hands to a thread": (
        "def threaded(f): ...\n@threaded\ndef go(): make().commit()\nasync def read(): await go()"
    ),
    "a function that becomes a coroutine": (
        "import asyncio\nfrom asgiref.sync import sync_to_async\n"
        "@sync_to_async\ndef go(): make().execute('')\n"
        "async def read(): await asyncio.gather(go())"
    ),
    "a plain generator that is streamed": (
        "from fastapi.responses import StreamingResponse\ndef rows():\n    yield make().execute('')\n"
        "async def read(): return StreamingResponse(rows())"
    ),
    "what is made once": (
        "db = None\ndef get():\n    global db\n"
        "    if db is None:\n        db = make().connection() or open('a')\n"
        "    return db\nasync def read(): get()"
    ),
    "an asynchronous session made by the same maker": (
        "import asyncio\nfrom sqlalchemy.ext.asyncio import AsyncSession\n"
        "other = sessionmaker(class_=AsyncSession)\n"
        "async def read():\n    async with other() as db: await asyncio.gather(db.execute(''))"
    ),
    "one of several classes that fill in an abstract one": (
        "class A:\n    def go(self): ...\nclass B(A):\n    def go(self): make().commit()\n"
        "class C(A):\n    def go(self): return 1\nasync def read(a: A): a.go()"
    ),
    "a plain dependency": "def go(): return make().execute('')\nasync def read(x=Depends(go)): return 1",
}


@pytest.mark.parametrize("handler", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_does_not_block_the_loop_is_left_alone(handler: str, tmp_path: Path) -> None:
    text = f"{APP}{SYNC}{handler}\n".replace("async def read", "@app.get('/')\nasync def read")

    assert blocking(tmp_path, main=text) == []


def test_an_async_dependency_is_told_once_and_where_it_blocks(tmp_path: Path) -> None:
    text = (
        APP
        + "import time\nasync def user(): time.sleep(1)\n"
        + "".join(f"@app.get('/{n}')\ndef r{n}(u=Depends(user)) -> None: ...\n" for n in range(3))
    )
    [found] = blocking(tmp_path, main=text)

    assert "a dependency" in found.message
    assert len(found.routes) == 3


PLAIN = "import time\ndef go(): time.sleep(1)\n"
REWRITES = {
    "as it is": (PLAIN, "from service import go\n", "go()"),
    "renamed": ("import time as t\ndef go(): t.sleep(1)\n", "import service as s\n", "s.go()"),
    "moved": (
        "from deeper.still import go\n", "from service import go as run\n", "run()",
    ),
    "aliased": (PLAIN, "from service import go\nother = go\n", "go()"),
    "starred": (PLAIN, "from service import *\n", "go()"),
    "imported late": (PLAIN, "", "late()"),
}  # fmt: skip


@pytest.mark.parametrize(("service", "head", "call"), REWRITES.values(), ids=REWRITES)
def test_the_same_meaning_has_the_same_findings(service: str, head: str, call: str, tmp_path: Path) -> None:
    late = "def late():\n    from service import go\n    go()\n"
    main = f"{APP}{head}{late}@app.get('/')\nasync def read() -> None: {call}\n"

    [found] = blocking(tmp_path, service=service, deeper__in__still=PLAIN, main=main)

    assert found.chain[-1].callee == "time.sleep"


NEWER = {
    "PEP 695": "class Box[T: int = int]:\n    def get[**P](self) -> T: ...\ntype Names[T] = list[T]\n",
    "PEP 701": "x = {'a': 1}\ny = f\"{x[\"a\"]} {'\\n'.join([])} {f\"{1}\"}\" f'{x!r:>{3}}'\n",
    "PEP 750": "y = t'{1}'\n",
    "PEP 758": "try: pass\nexcept ValueError, TypeError: pass\n",
}


@pytest.mark.parametrize("text", NEWER.values(), ids=NEWER)
def test_syntax_newer_than_the_running_python_is_analysed(text: str, tmp_path: Path) -> None:
    handler = "@app.get('/')\nasync def read() -> None: time.sleep(1)\n"

    [found] = blocking(tmp_path, main=f"import time\n{text}{APP}{handler}")

    assert found.line == text.count("\n") + APP.count("\n") + 3


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfx = 1\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"x = 1\r\ny = 2\r\n",
        b"",
        b"type = 1\n",
    ],
)
def test_files_are_read_in_the_encoding_they_have(data: bytes) -> None:
    assert not isinstance(parse(Path("a.py"), "a", data), Unread)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\x00", b"# coding: nonsense\n", b"(" * 5000, b"x = " + b"-" * 100_000 + b"1", b"def f[T(:\n"],
)
def test_what_cannot_be_read_is_told_with_a_reason(data: bytes) -> None:
    found = parse(Path("a.py"), "a", data)

    assert isinstance(found, Unread)
    assert found.reason


def test_folders_that_are_no_request_code_are_counted(tmp_path: Path) -> None:
    write(tmp_path, main="", tests__in__test_main="", scripts__in__seed="")
    skipped: list[Path] = []

    assert [module for _, module in modules([tmp_path], skipped)] == ["main"]
    assert sorted(each.name for each in skipped) == ["scripts", "tests"]


def test_files_of_one_name_and_one_text_are_told_apart(tmp_path: Path) -> None:
    text = "import time\nfrom fastapi import FastAPI\napp = FastAPI()\n"
    text += "@app.websocket('/')\nasync def follow(socket):\n    time.sleep(1)\n"
    (tmp_path / "shop").mkdir()
    for path in ("shop.py", "shop/__init__.py"):
        (tmp_path / path).write_text(text)

    found = check([tmp_path], {"SW108"}, set()).findings

    assert {each.path.name for each in found} == {"shop.py", "__init__.py"}
