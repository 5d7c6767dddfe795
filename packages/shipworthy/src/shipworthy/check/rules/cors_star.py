"""Every website may read the answers: CORS allows the origin `*`.

With `allow_credentials=True` any page a user visits acts in the user's name.

Bad:

    from fastapi import FastAPI
    from fastapi.middleware.cors import CORSMiddleware

    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)

Good:

    from fastapi import FastAPI
    from fastapi.middleware.cors import CORSMiddleware

    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example.com"])

It does not see origins read from settings, nor options passed as `**options`.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.rule import Problem, World
from shipworthy.check.source import Source, dotted
from shipworthy.check.walk import Call

CODE = "SW302"
PRACTICE, SEVERITY, CONFIDENCE = "CORS origins", "error", "high"


def check(call: Call, world: World) -> Iterator[Problem]:
    """Read the origins of a CORSMiddleware, through a value at the top of a module if need be."""
    named = [dotted(argument) for argument in (*call.node.args, call.node.func)]
    paths = [world.project.resolve(name, call.source) for name in named if name]
    options = {each.arg: each.value for each in call.node.keywords}
    if not any(path.endswith("middleware.cors.CORSMiddleware") for path in paths):
        return
    credentials = (
        " with credentials" if ast.unparse(options.get("allow_credentials", call.node)) == "True" else ""
    )
    if is_star(options.get("allow_origins"), call.source, world):
        yield Problem(call.node, f"CORS allows every origin{credentials}; name the origins of your frontends")
    pattern = options.get("allow_origin_regex")
    if isinstance(pattern, ast.Constant) and pattern.value in {".*", "^.*$", ".+", "https?://.*"}:
        yield Problem(call.node, f"the CORS pattern matches every origin{credentials}; name your frontends")


def is_star(node: ast.expr | None, source: Source, world: World) -> bool:
    """Whether a list holds `*`."""
    match node:
        case ast.List(items) | ast.Tuple(items) | ast.Set(items):
            return any(isinstance(item, ast.Constant) and item.value == "*" for item in items)
        case ast.Name() | ast.Attribute():
            module, _, value = world.project.resolve(dotted(node) or "", source).rpartition(".")
            origin = world.project.sources.get(module)
            found = origin.values.get(value) if origin else None
            return isinstance(found, ast.List | ast.Tuple) and is_star(found, source, world)
    return False
