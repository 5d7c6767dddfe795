"""The running application compared with its source, in a process of its own."""

import json
import sys

import pytest

from packages.shipworthy.tests.projects import Project, Run

MAIN = """
    from fastapi import FastAPI
    from .items import router
    from .tools import logged

    print("an application may talk while it is imported")
    app = FastAPI()
    app.include_router(router, prefix="/v1")

    @app.get("/health")
    @logged
    def health() -> str:
        return "ok"

    def create():
        inner = FastAPI()
        @inner.get("/inner")
        def read() -> str: ...
        return inner
"""
TOOLS = """
    import functools

    def logged(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper
"""
ITEMS = """
    from fastapi import APIRouter

    router = APIRouter(prefix="/items")
    forgotten = APIRouter(prefix="/forgotten")

    @router.get("")
    @router.get("/all")
    def list_items() -> list[str]: ...

    @forgotten.delete("/{name}")
    def delete_item(name: str) -> str: ...

    def made() -> str: ...

    for name in ("a", "b"):
        getattr(router, "add_" "api_route")(f"/{name}", made, methods=["PUT"])
"""


@pytest.fixture
def served(project: Project) -> Project:
    project.write("shop/__init__.py", "")
    project.write("shop/main.py", MAIN)
    project.write("shop/items.py", ITEMS)
    project.write("shop/tools.py", TOOLS)
    return project


def differences(run: Run, *arguments: str) -> list[str]:
    told = run("check", "--python", sys.executable, "--select", "SW003,SW004", "--format", "json", *arguments)
    return [f"{each['code']} {each['path']}:{each['line']}" for each in json.loads(told.out)["findings"]]


@pytest.mark.usefixtures("served")
def test_routes_on_one_side_only_are_told_with_their_place(run: Run) -> None:
    found = differences(run, "--app", "shop.main:app")

    assert found == ["SW004 shop/items.py:10", *["SW003 shop/items.py:13"] * 2, "SW004 shop/main.py:16"]


@pytest.mark.usefixtures("served")
def test_a_factory_is_called(run: Run) -> None:
    assert "SW004 shop/main.py:9" in differences(run, "--app", "shop.main:create()")
    assert "SW004 shop/main.py:16" not in differences(run, "--app", "shop.main:create")


def test_the_project_can_name_its_application(served: Project, run: Run) -> None:
    served.write("pyproject.toml", f'[tool.shipworthy]\napp = "shop.main:app"\npython = "{sys.executable}"')

    told = run("check", "--select", "SW003")

    assert told.status == 1
    assert "`PUT /v1/items/a` is served by `made` and not seen in the source" in told.out
    assert run("check", "--select", "SW1").status == 0


def test_an_application_that_does_not_import_is_not_a_clean_one(served: Project, run: Run) -> None:
    served.write("shop/items.py", "import nothing_of_this_name")

    told = run("check", "--app", "shop.main:app", "--python", sys.executable)

    assert told.status == 3
    assert told.out == ""
    assert "No module named 'nothing_of_this_name'" in told.err


@pytest.mark.usefixtures("served")
def test_a_python_that_is_not_there_is_told(run: Run) -> None:
    told = run("check", "--app", "shop.main:app", "--python", "/nowhere/python")

    assert told.status == 3
    assert "cannot import shop.main:app" in told.err
