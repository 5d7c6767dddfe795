"""The application shows its source to whoever causes an error, or restarts itself when a file changes.

`debug=True` answers an exception with a page that holds the traceback and the
local variables. `reload=True` watches the disk and serves with one process.

Bad:

    from fastapi import FastAPI

    app = FastAPI(debug=True)

Bad:

    import uvicorn

    def serve() -> None:
        uvicorn.run("shop.main:app", host="0.0.0.0", reload=True)

Good:

    from fastapi import FastAPI

    app = FastAPI()

It does not see flags of the command line. What is on unless a setting says
otherwise, and what runs below `if __name__ == "__main__"`, is told with
`--pedantic`.
"""

from collections.abc import Iterator

from shipworthy.check.rule import Problem, World
from shipworthy.check.types import top_of
from shipworthy.check.walk import App, Call

CODE = "SW305"
PRACTICE, SEVERITY, CONFIDENCE = "settings that are safe in production", "error", "high"
DEPLOY = True


def check(call: App | Call, world: World) -> Iterator[Problem]:
    """Look at `debug=` of an application and at `reload=` of a server."""
    serves = type(call) is Call and world.types.callee(call.node.func, call.code) == "uvicorn.run"
    wanted = "reload" if serves else "debug" if isinstance(call, App) else None
    given = next((each for each in call.node.keywords if wanted and each.arg == wanted), None)
    if given is None:
        return
    worth = [value for value in world.values.of(given.value, call.code) if value.value is True]
    if worth:
        sure = not any(value.default for value in worth) and (
            call.code is not top_of(call.source) or not serves
        )
        unless = " unless a setting says otherwise" if worth[0].default else ""
        message = f"`{wanted}` is on{unless}; leave it to the developer's command line"
        yield Problem(given.value, message, confidence=None if sure else "medium")
