"""What an application is put together from: the files it imports, and the routes in them."""

import ast
from collections import deque
from functools import cache

from shipworthy.check.nodes import dotted, every
from shipworthy.check.project import Project
from shipworthy.check.source import Source

NONE = {"{}", "None", "False"}  # `register_tortoise(app, add_exception_handlers=False)` maps nothing


def imported(start: Source, project: Project) -> set[Source]:
    """The files that a file imports, directly or not, and itself."""
    todo, found = deque([start]), {start}
    while todo:
        source = todo.popleft()
        fresh = targets(source, project) - found
        found |= fresh
        todo += fresh
    return found


@cache
def targets(source: Source, project: Project) -> set[Source]:
    """The files that a file imports itself."""
    named = {*source.imports.values(), *source.stars}
    return {each for target in named if (each := module_of(target, source, project))}


def module_of(target: str, source: Source, project: Project) -> Source | None:
    """The file of `package.module` or of `package.module.name`."""
    return project.module(target, source) or project.module(target.rpartition(".")[0], source)


def registers_handlers(source: Source) -> bool:
    """Whether a file says what is answered to an exception."""
    catching = "get_route_handler" in source.text or "call_next" in source.text
    if catching and any(map(catches, every(source.tree))):
        return True
    if "exception_handler" not in source.text:
        return False
    names = {"exception_handler", "add_exception_handler", "exception_handlers", "add_exception_handlers"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.keyword) and node.arg in names and ast.unparse(node.value) not in NONE)
        for node in every(source.tree)
    )


def catches(node: ast.AST) -> bool:
    """Whether it answers to what handlers raise: a class of routes, a middleware that tells errors apart."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    caught = [each for each in ast.walk(node) if isinstance(each, ast.Try) and each.handlers]
    return bool(caught) and (node.name == "get_route_handler" or any(map(tells_apart, caught)))


def tells_apart(caught: ast.Try) -> bool:
    """Whether the next application is called inside, and several exceptions of it become responses."""
    inside = (each for line in caught.body for each in ast.walk(line))
    calls = any(isinstance(each, ast.Call) and dotted(each.func) == "call_next" for each in inside)
    answers = [
        each for each in caught.handlers if any(isinstance(node, ast.Return) for node in ast.walk(each))
    ]
    return calls and len(answers) > 1
