"""What is handed to `BackgroundTasks`."""

import ast

from shipworthy.check.project import Code
from shipworthy.check.types import Types
from shipworthy.check.walk import Call

TASKS = {
    "fastapi.BackgroundTasks",
    "starlette.background.BackgroundTasks",
    "fastapi.background.BackgroundTasks",
}
TASK = {"starlette.background.BackgroundTask", "fastapi.background.BackgroundTask"}


def task_of(call: Call, types: Types) -> ast.expr | None:
    """The function that a call hands over, to run after the response."""
    func, given = call.node.func, call.node.args
    if not given:
        return None
    if isinstance(func, ast.Attribute) and func.attr == "add_task":
        kind = types.of(func.value, call.code)
        return given[0] if kind in TASKS else None
    return given[0] if types.callee(func, call.code) in TASK else None


def target_of(call: Call, types: Types) -> Code | None:
    """The same, if it is the project's own."""
    named = task_of(call, types)
    path = types.callee(named, call.code) if named is not None else None
    return types.function(path) if path else None
