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

It does not see an answer that bypasses the declared type: SW203 does.
"""

from collections.abc import Iterator

from shipworthy.check.fixes.returned import return_type
from shipworthy.check.responses import BODILESS, family, kinds, refuses, returned, status
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import dotted

CODE = "SW201"
PRACTICE, SEVERITY, CONFIDENCE = "response types", "warning", "high"


def check(route: Route, world: World) -> Iterator[Problem]:
    """Ask the decorator, then the signature, then what is returned."""
    unpacks = any(each.arg is None for each in route.decorator.keywords)
    declared = route.option("response_model") or route.code.node.returns or unpacks
    empty = status(route.option("status_code")) in BODILESS
    if not (declared or empty or is_page(route, world) or answers_no_json(route, world)):
        name = route.code.node.name
        message = f"`{name}` declares no response type; add `-> Model` or `response_model=`"
        yield Problem(route.decorator, message, fix=return_type(route, world))


def is_page(route: Route, world: World) -> bool:
    """Whether the decorator or its router names a class of response that is no JSON."""
    router = getattr(route.decorator.func, "value", None)
    made = world.values.made_of(router, route.code)
    default = next((each.value for each in made if each.arg == "default_response_class"), None)
    path = dotted(route.option("response_class") or default)
    return bool(path) and family(world.project.resolve(path or "", route.code.source), world.types) == "other"


def answers_no_json(route: Route, world: World) -> bool:
    """Whether every answer is a page, a file, a redirect or another response without a model."""
    answers = [value for value in returned(route.code) if not refuses(value)]
    found = [kind for value in answers for kind in kinds(value, route.code, world.project, world.types)]
    return bool(found) and all(family(kind, world.types) == "other" for kind in found)
