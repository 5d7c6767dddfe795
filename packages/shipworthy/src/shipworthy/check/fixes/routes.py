"""The decorator and the signature of a handler."""

import ast
import io
import tokenize
from functools import cache

from shipworthy.check.fix import Edit, Fix
from shipworthy.check.fixes.text import drop, keyword, start_of, starts
from shipworthy.check.nodes import Function, every
from shipworthy.check.source import Source

OPENING, CLOSING = set("([{"), set(")]}")


def without_response_model(source: Source, decorator: ast.Call) -> Fix | None:
    """Leave `response_model` to the return type."""
    edits = drop(source, decorator, "response_model")
    return Fix("remove `response_model`", edits) if edits else None


def status(source: Source, decorator: ast.Call, code: int) -> Fix | None:
    """Say the status in the decorator; clients see another one. One that is said was chosen by somebody."""
    if any(each.arg == "status_code" for each in decorator.keywords):
        return None
    edits = keyword(source, decorator, "status_code", str(code))
    return Fix(f"add `status_code={code}`", edits, safe=False) if edits else None


def function_scope(source: Source, depends: ast.Call) -> Fix | None:
    """End a dependency before the answer is sent; what it yields is closed earlier."""
    edits = keyword(source, depends, "scope", '"function"')
    return Fix('add `scope="function"`', edits, safe=False) if edits else None


def plain(source: Source, function: Function) -> Fix | None:
    """`async def` as `def`, if nobody here awaits it; it then runs in a thread."""
    start = start_of(source, function)
    head = source.text[start:].partition("def")[0]
    if head.split() != ["async"] or any(each.startswith(f"{function.name}(") for each in awaited(source)):
        return None
    return Fix("make it a plain `def`", (Edit(start, start + len(head)),), safe=False)


@cache
def awaited(source: Source) -> set[str]:
    """What a file awaits, as text."""
    return {ast.unparse(node.value) for node in every(source.tree) if isinstance(node, ast.Await)}


def returns(source: Source, function: Function, annotation: str) -> Fix | None:
    """A return type; FastAPI then validates the answer and leaves out what the type does not have."""
    colon = colon_of(source, function)
    if function.returns or colon is None:
        return None
    return Fix(f"add `-> {annotation}`", (Edit(colon, colon, f" -> {annotation}"),), safe=False)


def colon_of(source: Source, function: Function) -> int | None:
    """The colon that ends a signature."""
    rest = source.text[starts(source)[function.lineno - 1] :]
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(rest).readline):
            if token.type == tokenize.OP:
                depth += (token.string in OPENING) - (token.string in CLOSING)
                if token.string == ":" and not depth:
                    row, column = token.start
                    return starts(source)[function.lineno + row - 2] + column
    except (tokenize.TokenError, SyntaxError):
        return None
    return None
