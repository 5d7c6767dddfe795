"""A route declares neither `response_model` nor a return type.

Without one the OpenAPI document says nothing about the answer, nothing is
validated, and a new column of a table reaches every client.

Bad:

    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/items")
    def list_items():
        return []

Good:

    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/items")
    def list_items() -> list[str]:
        return []

It does not see an answer that bypasses the declared type.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import own_nodes

CODE = "SW201"
PRACTICE, SEVERITY, CONFIDENCE = "response types", "warning", "high"
NOT_JSON = {
    "HTMLResponse", "PlainTextResponse", "RedirectResponse", "StreamingResponse", "FileResponse", "Response",
    "TemplateResponse", "EventSourceResponse",
}  # fmt: skip


def check(route: Route, world: World) -> Iterator[Problem]:
    """Ask the decorator, then the signature, then what is returned."""
    declared = {"response_model", "response_class"} & {each.arg for each in route.decorator.keywords}
    unwritten = [each for each in route.decorator.keywords if each.arg is None]
    if declared or unwritten or route.code.node.returns or no_body(route) or returns_no_json(route, world):
        return
    yield Problem(
        route.decorator,
        f"`{route.code.node.name}` declares no response type; add `-> Model` or `response_model=`",
    )


def no_body(route: Route) -> bool:
    """Whether its status promises an empty answer."""
    status = route.option("status_code")
    return status is not None and ast.unparse(status).rpartition(".")[2] in {
        "204",
        "HTTP_204_NO_CONTENT",
        "NO_CONTENT",
    }


def returns_no_json(route: Route, world: World) -> bool:
    """Whether every answer is a page, a file, a redirect or another response without a model."""
    returns = [
        node.value for node in own_nodes(route.code.node) if isinstance(node, ast.Return) and node.value
    ]
    kinds = [
        world.types.of(value, route.code) or ast.unparse(getattr(value, "func", value)) for value in returns
    ]
    return bool(kinds) and all(
        kind.rpartition(".")[2] in NOT_JSON and kind not in world.project.classes for kind in kinds
    )
