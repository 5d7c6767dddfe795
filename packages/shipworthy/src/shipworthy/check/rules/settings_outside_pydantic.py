"""A file reads the environment by itself.

Nobody can tell which variables the service knows, a misspelt one is silently
its default, and every file converts text to numbers in its own way.

Bad:

    import os
    from fastapi import FastAPI

    app = FastAPI()
    SIZE = int(os.getenv("PAGE_SIZE", "20"))

    @app.get("/size")
    def size() -> int:
        return SIZE

Good:

    from fastapi import FastAPI
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings):
        page_size: int = 20

    app = FastAPI()
    settings = Settings()

    @app.get("/size")
    def size() -> int:
        return settings.page_size

It is told once for each file that requests use, at the first variable.
It does not see files that scripts and commands use.

Shipworthy's own service has one frozen `Settings`.

Measured on 39 public repositories: 130 told, 29 read, 28 right.
On 35 others, drawn by chance: 14 read, 14 right.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.nodes import dotted
from shipworthy.check.rule import Problem, World
from shipworthy.check.scopes import nodes_of
from shipworthy.check.source import Source

CODE = "SW502"
PRACTICE, SEVERITY, CONFIDENCE = "settings in one place", "warning", "high"


def check(source: Source, world: World) -> Iterator[Problem]:
    """Count what a file reads when it is imported, and when a request runs it."""
    if source not in world.serving or ("environ" not in source.text and "getenv" not in source.text):
        return
    nodes = [
        *at_import(source.tree),
        *(n for code in world.running.get(source, []) for n in nodes_of(code.node)),
    ]
    found = [node for node in nodes if isinstance(node, ast.expr) and reads(node, source, world)]
    if found:
        first = min(found, key=lambda each: (each.lineno, each.col_offset))
        times = "a variable" if len(found) == 1 else f"{len(found)} variables"
        yield Problem(first, f"this file reads {times} of the environment itself; use a settings class")


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a file is imported: no function, and nothing below `if __name__ == ...`."""
    for child in ast.iter_child_nodes(node):
        guard = isinstance(child, ast.If) and "__name__" in ast.unparse(child.test)
        if not (guard or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            yield child
            yield from at_import(child)


def reads(node: ast.expr, source: Source, world: World) -> bool:
    """Whether an expression reads a variable."""
    match node:
        case ast.Call(func=func):
            return world.project.resolve(dotted(func) or "", source) in {"os.getenv", "os.environ.get"}
        case ast.Subscript(value=value, ctx=ast.Load()):
            return world.project.resolve(dotted(value) or "", source) == "os.environ"
    return False
