"""A dependency of an `async def` route is a plain function that waits for nothing.

It is sent to one of forty threads all the same: about 60 microseconds for each
request, and seconds when the threads are busy with work that does block.

Bad:

    from typing import Annotated
    from fastapi import Depends, FastAPI

    app = FastAPI()

    def get_language(language: str = "en") -> str:
        return language.lower()

    @app.get("/greeting")
    async def greet(language: Annotated[str, Depends(get_language)]) -> str:
        return language

Good:

    from typing import Annotated
    from fastapi import Depends, FastAPI

    app = FastAPI()

    async def get_language(language: str = "en") -> str:
        return language.lower()

    @app.get("/greeting")
    async def greet(language: Annotated[str, Depends(get_language)]) -> str:
        return language

One that is remembered, as by `lru_cache`, is called from an `async def`: to
remember a coroutine is an error. It does not see dependencies that are classes,
and leaves alone those that call another library, which may block.

Every dependency of Shipworthy's own service is `async def`.

Measured on 39 public repositories: 81 told, 22 read, 22 right.
On 48 repositories that it was not tuned on: 14 read, 14 right.
On 18 others, drawn by chance: 15 read, 6 right. The nine others are
remembered by `lru_cache`, which an `async def` breaks; they get other advice now.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.blocking import memoised
from shipworthy.check.nodes import yields
from shipworthy.check.project import Code
from shipworthy.check.rule import Problem, World
from shipworthy.check.scopes import nodes_of

CODE = "SW103"
PRACTICE, SEVERITY, CONFIDENCE = "event loop", "warning", "high"
QUICK = {"fastapi", "starlette", "typing", "functools", "uuid", "datetime", "re", "math"}


def check(code: Code, world: World) -> Iterator[Problem]:
    """Look at the functions that asynchronous routes depend on."""
    if code.name not in world.needed or isinstance(code.node, ast.AsyncFunctionDef):
        return
    if code.node.name == "__init__" or yields(code.node) or not is_quick(code, world):
        return
    then = "call it from one that is `async def`" if memoised(code) else "make it `async def`"
    yield Problem(code.node, f"`{code.node.name}` runs in a thread for nothing; {then}")


def is_quick(code: Code, world: World) -> bool:
    """Whether all that it calls is the project's own and does not block, or is known to be quick."""
    if world.blocking.chain(code.name):
        return False
    for node in nodes_of(code.node):
        if isinstance(node, ast.Call):
            path = world.types.callee(node.func, code) or "?"
            own = path in world.project.classes or path in world.project.functions
            method = isinstance(node.func, ast.Attribute) and path.startswith(("str.", "dict.", "list."))
            if not (own or method or path.partition(".")[0] in QUICK or is_plain(node)):
                return False
    return True


def is_plain(node: ast.Call) -> bool:
    """Whether it calls a built-in, or a method of text."""
    quick = {"lower", "upper", "strip", "split", "startswith", "endswith", "get", "replace", "items", "keys"}
    if isinstance(node.func, ast.Name):
        return node.func.id in {
            "str",
            "int",
            "float",
            "bool",
            "len",
            "list",
            "dict",
            "set",
            "isinstance",
            "getattr",
        }
    return isinstance(node.func, ast.Attribute) and node.func.attr in quick
