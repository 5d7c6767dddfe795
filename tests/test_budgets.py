"""What prose cannot hold: how long code may be, what may import what, and that everything is described."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.core import errors
from app.core.errors import DomainError
from dev.docs import variables
from dev.pages import ROOT

MAX_MODULE = 200  # lines
MAX_BODY = 25  # lines, without the docstring
MAX_HANDLER = 3  # statements, without the docstring
FOLDERS = ("app", "bench", "dev", "packages/shipworthy/src")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """All of them, parsed when the first test asks."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in FILES}


def functions() -> Iterator[tuple[str, Function]]:
    """Every function with its place."""
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{module}:{node.lineno} {node.name}", node


def body(function: Function) -> list[ast.stmt]:
    """Its statements without the docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


def is_handler(function: Function) -> bool:
    """Whether a router's decorator is on it."""
    names = [ast.unparse(each) for each in function.decorator_list]
    return any(name.startswith("router.") for name in names)


def families(family: type[DomainError] = DomainError, depth: int = 0) -> Iterator[str]:
    """The errors of app.core.errors, drawn as its docstring draws them."""
    bullet = "*" if depth == 0 else "-"
    yield f"{'  ' * depth}{bullet} {family.__name__} {family.status.value}"
    for child in family.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from families(child, depth + 1)


def domain_errors(family: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every error of the service; dev.docs has imported the whole app."""
    for child in family.__subclasses__():
        if child.__module__.startswith("app."):
            yield child
            yield from domain_errors(child)


def test_a_module_fits_into_one_reading() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in FILES}

    assert {name: length for name, length in lengths.items() if length > MAX_MODULE} == {}


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        place: (statements[-1].end_lineno or 0) - statements[0].lineno + 1
        for place, function in functions()
        if (statements := body(function))
    }

    assert {place: length for place, length in lengths.items() if length > MAX_BODY} == {}


def test_a_handler_is_hardly_more_than_one_call() -> None:
    handlers = {place: function for place, function in functions() if is_handler(function)}

    assert handlers
    assert [place for place, handler in handlers.items() if len(body(handler)) > MAX_HANDLER] == []
    assert [place for place in handlers if not place.startswith("app/routers/")] == []


def test_nothing_is_global_and_every_import_is_at_the_top() -> None:
    found = [
        f"{place}: {ast.unparse(node)}"
        for place, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Global | ast.Import | ast.ImportFrom)
    ]

    assert found == []


def test_only_the_core_knows_http_exceptions() -> None:
    outside = {
        name: tree
        for name, tree in modules().items()
        if not name.startswith(("app/core/", "bench/", "packages/"))
    }

    assert [name for name, tree in outside.items() if "HTTPException" in ast.dump(tree)] == []


def test_imports_run_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]

    # In a process of its own: it switches off the loggers of the one it runs in.
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603

    assert checked.returncode == 0, checked.stdout


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    drawn = [line for line in (errors.__doc__ or "").splitlines() if line.lstrip().startswith(("* ", "- "))]

    assert drawn == list(families())


def test_every_error_says_what_it_means() -> None:
    described = {each.__name__: each.__dict__.get("__doc__") for each in domain_errors()}

    assert described
    assert [name for name, text in described.items() if not text] == []


def test_no_two_errors_have_the_same_type() -> None:
    types = [each.type for each in domain_errors()]

    assert len(set(types)) == len(types)


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in variables() if not field.description] == []
