"""The default limits of slowapi hold for no route of an included router.

Its middleware looks the handler up in `app.routes`, which has been a tree
since FastAPI 0.137: what was included is not found, and not limited.

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
"""

from collections.abc import Iterator

from shipworthy.check.rule import Problem, World
from shipworthy.check.walk import Call

CODE = "SW307"
PRACTICE, SEVERITY, CONFIDENCE = "current APIs", "error", "high"
CALLS = {"default_limits=", "application_limits="}
LIMITERS = {"slowapi.Limiter", "slowapi.extension.Limiter"}


def check(call: Call, world: World) -> Iterator[Problem]:
    """Look where the limiter is made."""
    options = {each.arg: each.value for each in call.node.keywords}
    limits = options.get("default_limits") or options.get("application_limits")
    if limits is not None and world.types.callee(call.node.func, call.code) in LIMITERS:
        yield Problem(limits, "included routes are not limited by this; decorate them with `@limiter.limit`")
