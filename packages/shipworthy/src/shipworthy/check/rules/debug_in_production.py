"""The application shows its source to whoever causes an error, or restarts itself when a file changes.

`debug=True` answers an exception with a page that holds the traceback and the
local variables. `reload=True` watches the disk and serves with one process.

Bad:

    from fastapi import FastAPI

    app = FastAPI(debug=True)

Good:

    from fastapi import FastAPI

    app = FastAPI()

What is on only under a condition, or unless a setting says otherwise, and
`uvicorn.run(reload=True)`, which may be a command for developers, are told with
`--pedantic`. It does not see flags of the command line.

Shipworthy's own service has neither option.

Measured on 39 public repositories: nothing told. With `--pedantic` 17, 12 read,
10 right: the others were commands for developers.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import App, Call

CODE = "SW305"
PRACTICE, SEVERITY, CONFIDENCE = "settings that are safe in production", "error", "high"
CALLS = {"reload="}
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
        sure = wanted == "debug" and not worth[0].default and not is_conditional(call)
        unless = " unless a setting says otherwise" if worth[0].default else ""
        message = f"`{wanted}` is on{unless}; leave it to the developer's command line"
        yield Problem(given.value, message, confidence=None if sure else "medium")


def is_conditional(call: Call) -> bool:
    """Whether it runs only if something holds."""
    branches = (node for node in ast.walk(call.source.tree) if isinstance(node, ast.If | ast.IfExp))
    return any(call.node is inner for branch in branches for inner in ast.walk(branch))
