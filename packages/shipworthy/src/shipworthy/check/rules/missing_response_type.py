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

Every route of Shipworthy's own service names its schema.

Measured on 39 public repositories: 1418 told, 60 read, 59 right. Of the
labelled cases it finds 11 of 11, with no false alarms.
On 48 repositories that it was not tuned on, 35 pages were taken for JSON, all in
one of them; they are no longer told.
On 21 others, drawn by chance: 35 of the 35 labelled found, with no false alarms.
On 35 others, drawn by chance: 64 of the 64 labelled found, 8 read, 8 right.
"""

from collections.abc import Iterator

from shipworthy.check.answers import speaks_json
from shipworthy.check.fixes.returned import return_type
from shipworthy.check.responses import BODILESS, status
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World

CODE = "SW201"
PRACTICE, SEVERITY, CONFIDENCE = "response types", "warning", "high"


def check(route: Route, world: World) -> Iterator[Problem]:
    """Ask the decorator, then the signature, then what is returned."""
    unpacks = any(each.arg is None for each in route.decorator.keywords)
    declared = route.option("response_model") or route.code.node.returns or unpacks
    empty = status(route.option("status_code")) in BODILESS
    if not (declared or empty or not speaks_json(route, world)):
        name = route.code.node.name
        message = f"`{name}` declares no response type; add `-> Model` or `response_model=`"
        yield Problem(route.decorator, message, fix=return_type(route, world))
