"""A POST that creates answers 200, or a DELETE without a body does.

201 tells a client that something now exists, 204 that there is no body to
read. FastAPI answers 200 unless told otherwise.

Bad:

    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/items")
    def create_item(title: str) -> str:
        return title

Good:

    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/items", status_code=201)
    def create_item(title: str) -> str:
        return title

It does not see creation by another verb than create, add, register or sign up. A
token is not counted as created: OAuth 2.0 answers 200.
"""

import ast
import re
from collections.abc import Iterator

from shipworthy.check.fixes.routes import status
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import own_nodes

CODE = "SW202"
PRACTICE, SEVERITY, CONFIDENCE = "status codes", "warning", "high"
CREATED, NO_CONTENT = 201, 204
CREATES = re.compile(r"(?!.*token)(create|add|register|signup|sign_up)(_|$)")


def check(route: Route, _: World) -> Iterator[Problem]:
    """Judge by method, name and path; a path that names an action is a remote call, not a creation."""
    name, keywords = route.code.node.name, {each.arg for each in route.decorator.keywords}
    if {"status_code", None} & keywords or sets_status(route):
        return
    if route.method == "post" and CREATES.match(name):
        message = f"`{name}` creates and answers 200; add `status_code=201`"
        yield Problem(route.decorator, message, fix=status(route.code.source, route.decorator, CREATED))
    if route.method == "delete" and not has_body(route, keywords):
        message = f"`{name}` deletes, has no body and answers 200; add `status_code=204`"
        fix = status(route.code.source, route.decorator, NO_CONTENT) if promises_nothing(route) else None
        yield Problem(route.decorator, message, fix=fix)


def promises_nothing(route: Route) -> bool:
    """Whether its return type allows an answer without body; FastAPI refuses to start otherwise."""
    declared = route.code.node.returns
    return declared is None or ast.unparse(declared) == "None"


def has_body(route: Route, keywords: set[str | None]) -> bool:
    """Whether it answers with anything."""
    values = [node.value for node in own_nodes(route.code.node) if isinstance(node, ast.Return)]
    spoken = any(value is not None and ast.unparse(value) != "None" for value in values)
    return spoken or bool(keywords & {"response_model", "response_class"})


def sets_status(route: Route) -> bool:
    """Whether the handler chooses the status itself."""
    nodes = list(own_nodes(route.code.node))
    targets = [ast.unparse(node.targets[0]) for node in nodes if isinstance(node, ast.Assign)]
    answers = [each for node in nodes if isinstance(node, ast.Return) for each in ast.walk(node)]
    passed = any(isinstance(each, ast.keyword) and each.arg == "status_code" for each in answers)
    return passed or any(target.endswith(".status_code") for target in targets)
