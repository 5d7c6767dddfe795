"""The application maps no errors to responses: every route does it, or answers 500.

Services cannot raise errors of their own then, and each route spells its
errors differently.

Bad:

    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/v1/users/{name}")
    def read_user(name: str) -> str:
        return name

    @app.get("/v1/items/{name}")
    def read_item(name: str) -> str:
        return name

    @app.get("/v1/tags/{name}")
    def read_tag(name: str) -> str:
        return name

Good:

    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

    class NotFound(Exception): ...

    def not_found(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"title": "not found"}, status_code=404)

    app = FastAPI(exception_handlers={NotFound: not_found})

    @app.get("/v1/users/{name}")
    def read_user(name: str) -> str:
        raise NotFound

    @app.get("/v1/items/{name}")
    def read_item(name: str) -> str:
        raise NotFound

    @app.get("/v1/tags/{name}")
    def read_tag(name: str) -> str:
        raise NotFound

It does not see handlers that another library registers without being asked, nor
whether those there are do any good. An application with one or two routes may do without.

Shipworthy's own service passes one table of handlers to the constructor.

Measured on 39 public repositories: 29 told, 29 read, 29 right. Of the labelled
cases it finds 5 of 5, with no false alarms.
On 48 repositories that it was not tuned on: 9 read, 8 right; the other had a
class of routes that answers to errors, which is known now.
On 18 others, drawn by chance: 7 read, 7 right.
On 21 others, drawn by chance: 9 of the 9 labelled found, 16 read, 15 right; the
handlers of the other were registered by a library.
On 35 others, drawn by chance: 18 of the 18 labelled found, 14 read, 12 right. A
library registered the handlers of one, and a middleware told errors apart in the
other; neither is told any longer.
"""

from collections.abc import Iterator

from shipworthy.check.assembly import registers_handlers
from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import App

CODE = "SW303"
PRACTICE, SEVERITY, CONFIDENCE = "one error format", "warning", "high"
FEW = 3


def check(app: App, world: World) -> Iterator[Problem]:
    """Look in every file the application imports; with a single application, in every file."""
    files = world.files_of(app) if len(world.apps) > 1 else set(world.project.sources.values())
    if app not in world.apps:
        return
    routes = sum(route.code.source in files for route in world.routes)
    if routes >= FEW and not any(map(registers_handlers, files)):
        yield Problem(
            app.node, "no error is mapped to a response; pass `exception_handlers=` for your errors"
        )
