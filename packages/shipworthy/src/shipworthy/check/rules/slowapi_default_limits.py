"""The default limits of slowapi hold for no route of an included router.

Its middleware looks the handler up in `app.routes`, which has been a tree
since FastAPI 0.137: what was included is not found, and not limited. A project
that keeps an older version is left alone.

Bad:

    from slowapi import Limiter
    from slowapi.util import get_remote_address

    limiter = Limiter(key_func=get_remote_address, default_limits=["10/minute"])

Good:

    from slowapi import Limiter
    from slowapi.util import get_remote_address

    limiter = Limiter(key_func=get_remote_address)

It does not see limits that are set in a file of their own.

Shipworthy's own service limits in a middleware of its own, before any route.

Measured on 39 public repositories: 2 told, 2 read, 2 right.
On 48 repositories that it was not tuned on: 4 read, 1 right; the others keep an
older FastAPI or set no limits, and are no longer told.
"""

import ast
from collections.abc import Iterator

from shipworthy.check.pins import keeps_below
from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import Call

CODE = "SW307"
PRACTICE, SEVERITY, CONFIDENCE = "current APIs", "error", "high"
CALLS = {"default_limits=", "application_limits="}
LIMITERS = {"slowapi.Limiter", "slowapi.extension.Limiter"}
SINCE = (0, 137)  # the version of FastAPI in which routes became a tree


def check(call: Call, world: World) -> Iterator[Problem]:
    """Look where the limiter is made."""
    options = {each.arg: each.value for each in call.node.keywords}
    limits = options.get("default_limits") or options.get("application_limits")
    given = limits is not None and ast.unparse(limits) != "[]"
    if given and world.types.callee(call.node.func, call.code) in LIMITERS and is_tree(call):
        yield Problem(limits, "included routes are not limited by this; decorate them with `@limiter.limit`")


def is_tree(call: Call) -> bool:
    """Whether the project may run with a version in which routes are a tree."""
    return not keeps_below("fastapi", call.source.path, SINCE)
