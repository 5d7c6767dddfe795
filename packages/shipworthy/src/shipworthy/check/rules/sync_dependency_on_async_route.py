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
On 21 others, drawn by chance: 16 read, 15 right; the other made a client of
boto3 each time, and is left in its thread now.
On 35 others, drawn by chance: 14 read, 14 right.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.blocking import memoised
from shipworthy.check.nodes import yields
from shipworthy.check.project import Code
from shipworthy.check.rule import Problem, World
from shipworthy.check.scopes import all_of
from shipworthy.check.sinks import gives

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
    own: list[Code] = []
    for node in all_of(code.node, ast.Call):
        path = world.types.callee(node.func, code) or "?"
        if path in world.project.functions:
            own.append(world.project.functions[path])
        elif not is_known(node, path, world):
            return False
    return not any(connects(each, world) for each in own)


def is_known(node: ast.Call, path: str, world: World) -> bool:
    """Whether a call makes an object of the project, or is of what is known to be quick."""
    method = isinstance(node.func, ast.Attribute) and path.startswith(("str.", "dict.", "list."))
    return path in world.project.classes or method or path.partition(".")[0] in QUICK or is_plain(node)


def connects(code: Code, world: World) -> bool:
    """Whether it makes a client of another library each time, which reads files to do so."""
    made = (gives(world.types.callee(node.func, code) or "") for node in all_of(code.node, ast.Call))
    return not memoised(code) and any(made)


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
