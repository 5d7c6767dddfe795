"""What a handler answers: what it declares, what it returns, and whether that is JSON with a model."""

import ast
from collections.abc import Iterator

from shipworthy.check.nodes import dotted, without_await
from shipworthy.check.project import Code, Project
from shipworthy.check.scopes import all_of
from shipworthy.check.types import Types

NOT_JSON = {
    "HTMLResponse", "PlainTextResponse", "RedirectResponse", "StreamingResponse", "FileResponse", "Response",
    "TemplateResponse", "_TemplateResponse", "EventSourceResponse",
}  # fmt: skip
JSON = {"JSONResponse", "ORJSONResponse", "UJSONResponse"}
BODILESS = {204, 205, 304, 301, 302, 303, 307, 308}
NAMED = {"OK": 200, "CREATED": 201, "ACCEPTED": 202, "NO_CONTENT": 204}
ERRORS = 400
DEPTH = 4


def returned(code: Code) -> list[ast.expr]:
    """The values a function returns."""
    return [node.value for node in all_of(code.node, ast.Return) if node.value]


def kinds(node: ast.expr, code: Code, project: Project, types: Types, depth: int = DEPTH) -> Iterator[str]:
    """The classes of what is returned, looking into functions of the project that declare nothing."""
    if isinstance(node, ast.IfExp):
        yield from kinds(node.body, code, project, types, depth)
        yield from kinds(node.orelse, code, project, types, depth)
        return
    call = without_await(node)
    callee = types.callee(call.func, code) if isinstance(call, ast.Call) else None
    inner = project.functions.get(callee or "")
    if inner and not inner.node.returns and depth:
        for each in returned(inner):
            yield from kinds(each, inner, project, types, depth - 1)
    else:
        yield types.of(node, code) or callee or ast.unparse(call)


def family(kind: str, types: Types) -> str | None:
    """Whether a class is a response: `json`, `other`, or none."""
    for base in types.bases(kind):
        name = base.rpartition(".")[2]
        if name in JSON:
            return "json"
        if name in NOT_JSON and base not in types.project.classes:
            return "other"
    return None


def status(written: ast.expr | None) -> int | None:
    """The number of a status code, however it is written."""
    if isinstance(written, ast.Constant) and isinstance(written.value, int):
        return written.value
    name = (dotted(written) or "").rpartition(".")[2]
    digits = "".join(filter(str.isdigit, name))
    return int(digits) if digits else NAMED.get(name)


def refuses(answer: ast.expr) -> bool:
    """Whether an answer is an error: a response with a status from 400."""
    keywords = answer.keywords if isinstance(answer, ast.Call) else []
    return any((status(each.value) or 0) >= ERRORS for each in keywords if each.arg == "status_code")
