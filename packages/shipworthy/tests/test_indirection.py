"""What blocks is seen through tuples, dictionaries, factories, decorators and callbacks, and only there."""

from pathlib import Path
from textwrap import dedent

import pytest
from shipworthy.check.engine import check

HEAD = """
import asyncio, functools, joblib, redis, requests, time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from fastapi import Depends, FastAPI, Request
from sqlalchemy.orm import Session, sessionmaker
from starlette.middleware.base import BaseHTTPMiddleware
app = FastAPI()
maker = sessionmaker()
def fetch(url="u"):
    return requests.get(url)
async def fetch_later(url="u"):
    return requests.get(url)
def harmless(url="u"):
    return url
class Client:
    def fetch(self):
        return requests.get("u")
def sessions():
    session = maker()
    try:
        yield session
    finally:
        session.close()
"""
ROUTE = '@app.get("/")\nasync def read(request: Request):'
BLOCKS = {
    "returned pair": """
        def make():
            return 1, Client()
        route:
            _, client = make()
            return client.fetch()
    """,
    "pair in a pair": """
        def make():
            return (Client(), Client()), Client()
        route:
            _, client = make()
            return client.fetch()
    """,
    "annotated pair": """
        def make() -> tuple[int, Client]: ...
        route:
            _, client = make()
            return client.fetch()
    """,
    "gathered pair": """
        async def make():
            return Client()
        route:
            one, two = await asyncio.gather(make(), make())
            return two.fetch()
    """,
    "written pair": """
        number, client = 1, Client()
        route:
            return client.fetch()
    """,
    "pair in the main block": """
        def make():
            return 1, Client()
        if __name__ == '__main__':
            args, client = make()
        route:
            return client.fetch()
    """,
    "attribute of the class": """
        class S:
            client = Client()
            @classmethod
            def go(cls):
                return cls.client.fetch()
        route:
            return S.go()
    """,
    "instance of the class": """
        class S(Client):
            one = None
            @classmethod
            def get(cls):
                if cls.one is None:
                    cls.one = cls()
                return cls.one
        route:
            return S.get().fetch()
    """,
    "only instance": """
        class S:
            one = None
            def __new__(cls):
                if cls.one is None:
                    cls.one = super().__new__(cls)
                    cls.one.client = Client()
                return cls.one
        route:
            return S().client.fetch()
    """,
    "applied context manager": """
        manager = contextmanager(sessions)
        route:
            with manager() as session:
                return session.execute('x')
    """,
    "partial": """
        go = functools.partial(fetch, 'u')
        route:
            return go()
    """,
    "function that is returned": """
        def make():
            def go():
                return Client()
            return go
        go = make()
        route:
            return go().fetch()
    """,
    "functions by name": """
        TABLE = {'a': fetch}
        route:
            return TABLE['a']()
    """,
    "functions taken by name": """
        TABLE = {'a': fetch}
        route:
            go = TABLE.get('a')
            return go()
    """,
    "classes by name": """
        TABLE = {'a': Client}
        route:
            return TABLE['a']().fetch()
    """,
    "methods by name": """
        class S:
            def __init__(self):
                self.table = {'a': self.go}
            def go(self):
                return fetch()
            def run(self, name):
                return self.table[name]()
        route:
            return S().run('a')
    """,
    "stored at start": """
        clients = {}
        @app.on_event('startup')
        def start():
            clients['a'] = Client()
        route:
            return clients['a'].fetch()
    """,
    "stored under this key": """
        class Other:
            def fetch(self): ...
        clients: dict = {}
        def start():
            clients["b"] = Other()
            clients["a"] = Client()
        route:
            return clients.get("a").fetch()
    """,
    "stored in an object": """
        class S:
            def __init__(self):
                self.clients = {}
            def get(self, name):
                self.clients[name] = Client()
                return self.clients[name]
        route:
            return S().get('a').fetch()
    """,
    "state of the lifespan": """
        @asynccontextmanager
        async def lifespan(app):
            yield {'client': Client()}
        route:
            return request.state.client.fetch()
    """,
    "table in the state": """
        @app.on_event("startup")
        def start():
            app.state.clients = {}
            app.state.clients["a"] = Client()
        route:
            return request.app.state.clients["a"].fetch()
    """,
    "table of a class": """
        class S:
            clients = {}
            @classmethod
            def keep(cls):
                cls.clients["a"] = Client()
            @classmethod
            def get(cls):
                return cls.clients["a"]
        route:
            return S.get().fetch()
    """,
    "passed in a lambda": """
        def help(client):
            return client.fetch()
        def later():
            return lambda: help(Client())
        route:
            return help(await request.json())
    """,
    "import with a fallback": """
        try:
            import httpx
        except ImportError:
            httpx = None
        route:
            return httpx.get('u')
    """,
    "parents of a path": """
        ROOT = Path(__file__).resolve().parents[1]
        route:
            return (ROOT / 'x').read_text()
    """,
    "map": """
        route:
            return list(map(fetch, 'ab'))
    """,
    "sorted by": """
        route:
            return sorted('ab', key=fetch)
    """,
    "called back": """
        def each(go):
            return [go(x) for x in 'ab']
        route:
            return each(fetch)
    """,
    "awaited back": """
        async def again(go):
            return await go()
        route:
            return await again(fetch_later)
    """,
    "decorated helper": """
        def slow(go):
            @functools.wraps(go)
            async def inner():
                time.sleep(1)
                return await go()
            return inner
        @slow
        async def help(): ...
        route:
            return await help()
    """,
    "decorated by a factory": """
        def slow(seconds):
            def around(go):
                async def inner():
                    time.sleep(seconds)
                    return await go()
                return inner
            return around
        @slow(1)
        async def help(): ...
        route:
            return await help()
    """,
}
DOES_NOT = {
    "decorator for both kinds": """
        def slow(go):
            if asyncio.iscoroutinefunction(go):
                async def waiting():
                    return await go()
                return waiting
            def working():
                time.sleep(1)
                return go()
            return working
        @slow
        async def help(): ...
        route:
            return await help()
    """,
    "other of a pair": """
        def make():
            return Client(), harmless
        route:
            _, go = make()
            return go()
    """,
    "other of a call": """
        def each(go):
            return go()
        def elsewhere():
            return each(fetch)
        route:
            return each(harmless)
    """,
    "in a thread": """
        async def later(go):
            return await asyncio.to_thread(go)
        route:
            return await later(fetch)
    """,
    "registered only": """
        def on(name):
            def keep(go):
                return go
            return keep
        @on('x')
        def handle():
            return fetch()
        route:
            return harmless()
    """,
    "stored under another key": """
        class Other:
            def fetch(self): ...
        clients = {}
        clients["a"] = Client()
        clients["b"] = Other()
        route:
            return clients["b"].fetch()
    """,
    "stored in another object": """
        class One:
            def __init__(self):
                self.clients = {}
            def keep(self):
                self.clients["a"] = Client()
        class Two:
            def __init__(self):
                self.clients = {}
            def get(self):
                return self.clients["a"]
        route:
            return Two().get().fetch()
    """,
    "stored elsewhere": """
        one = {}
        two = {}
        one['a'] = Client()
        route:
            return two['a'].fetch()
    """,
    "stored in another function": """
        def start():
            found = {}
            found["a"] = Client()
        route:
            found = await request.json()
            return found["a"].fetch()
    """,
    "table of another class": """
        class One:
            clients = {}
            @classmethod
            def keep(cls):
                cls.clients["a"] = Client()
        class Two:
            clients = {}
            @classmethod
            def get(cls):
                return cls.clients["a"]
        route:
            return Two.get().fetch()
    """,
    "harmless by name": """
        TABLE = {'a': harmless}
        route:
            return TABLE['a']()
    """,
    "map of the harmless": """
        route:
            return list(map(harmless, 'ab'))
    """,
}


def told(folder: Path, text: str) -> list[str]:
    """What is told of a module, in which `route:` stands for a route."""
    (folder / "main.py").write_text(HEAD + dedent(text).replace("route:", ROUTE))
    return [each.message for each in check([folder], {"SW101", "SW108"}, set()).findings]


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS)
def test_what_blocks_is_seen_wherever_it_comes_from(text: str, tmp_path: Path) -> None:
    [message] = told(tmp_path, text)

    assert message.startswith("`read` blocks the event loop")


@pytest.mark.parametrize("text", DOES_NOT.values(), ids=DOES_NOT)
def test_what_does_not_block_is_left_alone(text: str, tmp_path: Path) -> None:
    assert told(tmp_path, text) == []


def test_a_decorated_route_runs_what_its_decorator_puts_around_it(tmp_path: Path) -> None:
    text = """
        def slow(go):
            async def inner():
                time.sleep(1)
                return await go()
            return inner

        @app.get("/")
        @slow
        async def read(): ...
    """
    (tmp_path / "main.py").write_text(HEAD + dedent(text))

    [finding] = check([tmp_path], {"SW101"}, set()).findings

    assert [step.callee for step in finding.chain] == ["main.slow.inner", "time.sleep"]


def test_what_is_stored_by_another_module_is_found(tmp_path: Path) -> None:
    (tmp_path / "state.py").write_text("from typing import Any\nmodels: dict[str, Any] = {}\n")
    text = """
        from state import models

        def start():
            models["m"] = Client()

        route:
            return models.get("m").fetch()
    """

    assert len(told(tmp_path, text)) == 1


AROUND = [
    ("a middleware", """
        @app.middleware("http")
        async def add(request, go):
            return fetch()
    """),
    ("an exception handler", """
        @app.exception_handler(ValueError)
        async def add(request, error):
            fetch()
    """),
    ("a WebSocket endpoint", """
        @app.websocket("/ws")
        async def add(socket):
            fetch()
    """),
    ("an exception handler", """
        async def add(request, error):
            fetch()

        app.add_exception_handler(ValueError, add)
    """),
    ("a middleware", """
        from starlette.middleware.base import BaseHTTPMiddleware as Base

        class Added(Base):
            async def dispatch(self, request, go):
                fetch()
    """),
    ("a middleware", """
        class Added:
            async def __call__(self, scope, receive, send):
                fetch()

        app.add_middleware(Added, to=harmless)
    """),
    ("a middleware", """
        async def add(request, go):
            fetch()

        app.add_middleware(BaseHTTPMiddleware, dispatch=add)
    """),
]  # fmt: skip
BESIDE = {
    "in a thread": """
        @app.exception_handler(ValueError)
        def add(request, error):
            fetch()
    """,
    "waits for nothing": """
        @app.middleware("http")
        async def add(request, go):
            return await go(request)
    """,
    "other call": """
        async def load():
            fetch()

        start(load)
        Depends(load)
    """,
    "option of a middleware": """
        async def fetch_user():
            fetch()

        class Added: ...

        app.add_middleware(Added, get_user=fetch_user)
    """,
}


@pytest.mark.parametrize(("role", "text"), AROUND)
def test_what_runs_around_the_routes_is_told(role: str, text: str, tmp_path: Path) -> None:
    [message] = told(tmp_path, text)

    assert f", {role}, blocks the event loop: it reaches `requests.get`" in message


@pytest.mark.parametrize("text", BESIDE.values(), ids=BESIDE)
def test_what_runs_around_the_routes_and_blocks_nobody_is_left_alone(text: str, tmp_path: Path) -> None:
    assert told(tmp_path, text) == []
