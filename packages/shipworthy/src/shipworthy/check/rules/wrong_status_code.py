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

Good:

    from fastapi import FastAPI

    app = FastAPI()

    @app.post("/reports/preview")
    def create_preview(title: str) -> str:
        return title.upper()

A POST that adds a row or a document of what its path ends with creates, too,
whatever it is called. It does not see one that adds to something else, that
adds by way of a query or of a file, nor one that changes a row which was there
before; a DELETE that answers with a message may answer 200. A
`status_code=200` that is written out is told with `--pedantic`.

Shipworthy's own service creates with 201 and deletes with 204.

Measured on 39 public repositories: 318 told, 75 read, 72 right. Of the labelled
cases it finds 6 of 6, with no false alarms.
On 48 repositories that it was not tuned on: 56 read, 54 right.
On 18 others, drawn by chance: 22 read, 21 right.
On 21 others, drawn by chance: 3 of the 3 labelled found, 15 read, 15 right.
On 35 others, drawn by chance: 12 of the 15 labelled found, 14 read, 14 right.
On 48 more, most of them small: 31 of the 34 labelled found, with no false
alarms, before what they add was looked at; after it, 65 more are told, 48 read,
47 right.
On 16 more: 14 of the 17 labelled found, with no false alarms; then on 15 more:
15 of the 16 labelled found, and one false alarm, a link that another service makes.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.creations import creates
from shipworthy.check.fixes.routes import status as changed
from shipworthy.check.models import is_model
from shipworthy.check.nodes import dotted, own_nodes, without_await, yields
from shipworthy.check.project import Code
from shipworthy.check.responses import BODILESS, DEPTH, family, returned, status
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.scopes import parameters

CODE = "SW202"
PRACTICE, SEVERITY, CONFIDENCE = "status codes", "warning", "high"
OK, CREATED, NO_CONTENT = 200, 201, 204


def check(route: Route, world: World) -> Iterator[Problem]:
    """Judge by method, name, path and body; a path that names an action is a remote call, not a creation."""
    name, said = route.code.node.name, status(route.option("status_code"))
    unpacks = any(each.arg is None for each in route.decorator.keywords)
    if unpacks or (said or OK) in BODILESS or sets_status(route, world) or answers_itself(route, world):
        return
    written = route.option("status_code") is not None
    if (said == OK or not written) and creates(route, world):
        message = f"`{name}` creates and answers 200; add `status_code=201`"
        fix = changed(route.code.source, route.decorator, CREATED)
        yield Problem(route.decorator, message, confidence="medium" if written else None, fix=fix)
    if route.method == "delete" and not written and not has_body(route, world):
        message = f"`{name}` deletes, has no body and answers 200; add `status_code=204`"
        fix = changed(route.code.source, route.decorator, NO_CONTENT) if promises_nothing(route) else None
        yield Problem(route.decorator, message, fix=fix)
    if route.method in {"get", "delete"} and said == CREATED:
        yield Problem(route.decorator, f"`{name}` answers 201 and creates nothing; say 200 or 204")


def promises_nothing(route: Route) -> bool:
    """Whether its return type allows an answer without body; FastAPI refuses to start otherwise."""
    declared = route.code.node.returns
    return declared is None or ast.unparse(declared) == "None"


def has_body(route: Route, world: World) -> bool:
    """Whether it answers with anything."""
    declared = [route.option("response_model"), route.option("response_class")]
    spoken = any(gives(each, route.code, world) for each in returned(route.code))
    return spoken or any(each is not None and ast.unparse(each) != "None" for each in declared)


def gives(value: ast.expr, code: Code, world: World, depth: int = DEPTH) -> bool:
    """Whether a value is one: not `None`, nor what a function of the project gives that returns nothing."""
    call = without_await(value)
    callee = world.types.callee(call.func, code) if isinstance(call, ast.Call) else None
    inner = next(world.types.targets(callee), None)
    if inner and depth and callee not in world.project.classes and not yields(inner.node):
        return any(gives(each, inner, world, depth - 1) for each in returned(inner))
    return ast.unparse(value) != "None"


def answers_itself(route: Route, world: World) -> bool:
    """Whether it answers with a response that is made elsewhere, or that is a page or a file."""
    return not all(answers_ok(value, route.code, world) for value in returned(route.code))


def answers_ok(value: ast.expr, code: Code, world: World, depth: int = DEPTH) -> bool:
    """Whether it is sent with 200: an object, or a JSON response that says no other status."""
    call = without_await(value)
    callee = world.types.callee(call.func, code) if isinstance(call, ast.Call) else None
    inner = world.project.functions.get(callee or "")
    if inner and depth and returned(inner):
        return all(answers_ok(each, inner, world, depth - 1) for each in returned(inner))
    kind = world.types.of(value, code) or callee or ""
    found = family(kind, world.types)
    if found != "json" or not isinstance(call, ast.Call):
        return found is None
    said = next((each.value for each in call.keywords if each.arg == "status_code"), None)
    named = parameters(code.node).get(dotted(said) or "", (None, None))[1]
    fixed = kind in world.project.classes and says_created(world.project.classes[kind][0])
    return not fixed and (said is None or status(named or said) == OK)


def says_created(node: ast.ClassDef) -> bool:
    """Whether a class of responses has a status of its own."""
    return any(isinstance(each, ast.Constant) and each.value in {201, 202, 204} for each in ast.walk(node))


def sets_status(route: Route, world: World) -> bool:
    """Whether the handler chooses the status itself; a field of a model that is called so is no status."""
    nodes = list(own_nodes(route.code.node))
    targets = [node.targets[0] for node in nodes if isinstance(node, ast.Assign)]
    answers = [each for node in nodes if isinstance(node, ast.Return) for each in ast.walk(node)]
    calls = [each for each in answers if isinstance(each, ast.Call) and says(each)]
    passed = any(not is_model(world.types.callee(each.func, route.code) or "", world.types) for each in calls)
    return passed or any(isinstance(each, ast.Attribute) and each.attr == "status_code" for each in targets)


def says(call: ast.Call) -> bool:
    """Whether a status is passed to what is called."""
    return any(each.arg == "status_code" for each in call.keywords)
