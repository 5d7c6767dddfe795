"""What routes answer: types, status codes, and what must not be seen."""

from pathlib import Path

import pytest
from shipworthy.check.engine import check

from packages.shipworthy.tests.snippets import APP, found

MODEL = "from pydantic import BaseModel, field_validator\nclass User(BaseModel):\n    password: str\n"
MASK = "    @field_validator('password')\n    def hide(cls, value):\n"


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        ("class Done(JSONResponse): ...", "return Done({})", True),
        ("class Done(JSONResponse):\n    def __init__(self, data):\n        super().__init__(data, 201)",
         "return Done({})", False),
        ("def done(code=200):\n    return JSONResponse({}, status_code=code)", "return done()", True),
        ("def done():\n    return JSONResponse({}, status_code=201)", "return done()", False),
    ],
)  # fmt: skip
def test_a_creation_is_judged_by_the_status_that_is_sent(
    head: str, body: str, told: object, tmp_path: Path
) -> None:
    text = f"from fastapi.responses import JSONResponse\n{head}\n{APP}"

    handler = f"@app.post('/items')\ndef create_item():\n    {body}\n"
    assert bool(found(tmp_path, "SW202", main=text + handler)) is told


@pytest.mark.parametrize(
    ("decorator", "name", "told"),
    [
        ("post('/same-day-run')", "create_same_day_run", True),
        ("post('')", "add_to_waitlist", True),
        ("post('/items')", "create_or_update_item", False),
    ],
)
def test_creations_go_by_their_verb(decorator: str, name: str, told: object, tmp_path: Path) -> None:
    text = f"{APP}@app.{decorator}\ndef {name}() -> str:\n    return ''\n"

    assert bool(found(tmp_path, "SW202", main=text)) is told


def test_a_class_of_routes_is_decorated_by_a_library(tmp_path: Path) -> None:
    text = (
        "from classy_fastapi import Routable, get, post\nfrom fastapi import APIRouter, FastAPI\n"
        "class Items(Routable):\n    @post('/items')\n    def create_item(self) -> str:\n        return ''\n"
        "    @get('/items')\n    def list_items(self) -> str: ...\n"
        "    @get('/items/{key}')\n    def read_item(self, key: str) -> str: ...\n"
        "app = FastAPI()\napp.include_router(Items().router, prefix='/v1')\n"
    )

    assert len(found(tmp_path, "SW202", main=text)) == 1
    assert len(found(tmp_path, "SW206", main=text.replace("/v1", ""))) == 1
    assert found(tmp_path, "SW206", main=text) == []
    assert found(tmp_path, "SW202", main=text.replace("classy_fastapi", "tasks")) == []


def test_a_page_that_a_helper_makes_is_no_json(tmp_path: Path) -> None:
    text = (
        "from starlette.templating import _TemplateResponse\nclass Form:\n"
        f"    def answer(self) -> _TemplateResponse:\n        return self.pages.TemplateResponse('a')\n{APP}"
        "@app.get('/')\ndef read():\n    form = Form()\n    return form.answer()\n"
    )

    assert found(tmp_path, "SW201", main=text) == []


def test_an_answer_is_what_its_annotation_says_where_a_library_makes_it(tmp_path: Path) -> None:
    text = (
        "import openai\nfrom fastapi.responses import RedirectResponse\n"
        f"{APP}@app.get('/')\ndef read():\n    client = openai.make()\n"
        "    answer: RedirectResponse = client.redirect()\n    return answer\n"
    )

    assert found(tmp_path, "SW201", main=text) == []


def test_a_status_that_is_worked_out_may_be_that_of_an_error(tmp_path: Path) -> None:
    head = f"from fastapi.responses import JSONResponse\n{APP}"
    route = "@app.get('/', response_model=dict)\ndef read(a: int):\n"
    text = f"{route}    return JSONResponse({{{{}}}}, status_code={{}})\n"

    assert found(tmp_path, "SW203", main=head + text.format("codes[a]")) == []
    assert len(found(tmp_path, "SW203", main=head + text.format("200"))) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("        return '***' if value else None\n", False),
        ("        if value:\n            return '***'\n        return None\n", False),
        ("        return value.strip()\n", True),
        ("        return value or '***'\n", True),
    ],
)
def test_a_password_that_a_validator_hides_is_not_told(body: str, told: object, tmp_path: Path) -> None:
    text = f"{MODEL}{MASK}{body}{APP}@app.get('/')\ndef read() -> User: ...\n"

    assert bool(found(tmp_path, "SW204", main=text)) is told


@pytest.mark.parametrize(
    ("path", "handler", "called", "told"),
    [
        ("/calls/schedule", "schedule_call", "create_scheduled_call", True),
        ("/calls/schedule", "schedule_call", "find_call", False),
        ("/calls/{key}/change", "update_call", "create_call", False),
        ("/calls/{key}/price", "get_quote", "create_quote", False),
        ("/users/login", "log_in_user", "create_token", False),
    ],
)
def test_who_answers_with_what_was_created_creates(
    path: str, handler: str, called: str, told: object, tmp_path: Path
) -> None:
    text = f"{APP}@app.post('{path}')\ndef {handler}():\n    made = {called}()\n    return made\n"

    assert bool(found(tmp_path, "SW202", main=text)) is told


@pytest.mark.parametrize(
    ("limit", "told"),
    [("limit: int = 10", True), ("limit: int = Depends(size)", False),
     ("limit: Annotated[int, Depends(size)]", False)],
)  # fmt: skip
def test_a_limit_that_a_dependency_gives_is_not_the_clients(limit: str, told: object, tmp_path: Path) -> None:
    head = f"from typing import Annotated\n{APP}def size(): ...\n"
    text = f"{head}@app.get('/')\ndef read({limit}) -> list[str]: ...\n"

    assert bool(found(tmp_path, "SW207", main=text)) is told


@pytest.mark.parametrize(
    ("field", "handler", "told"),
    [
        ("password", "create_meeting", False),
        ("password", "create_user", True),
        ("secret", "setup_totp", False),
        ("secret", "read_user", True),
    ],
)
def test_what_a_route_is_there_to_tell_is_no_leak(
    field: str, handler: str, told: object, tmp_path: Path
) -> None:
    model = f"from pydantic import BaseModel\nclass Made(BaseModel):\n    {field}: str\n"
    (tmp_path / "main.py").write_text(f"{model}{APP}@app.post('/')\ndef {handler}() -> Made: ...\n")

    assert bool(check([tmp_path], {"SW204"}, set()).findings) is told
