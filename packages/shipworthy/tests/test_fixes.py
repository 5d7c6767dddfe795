"""What is mended, how, and what is left alone."""

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipworthy.check.fix import Edit, Fix, apply
from shipworthy.check.fixes import pydantic, routes, text
from shipworthy.check.mend import careful
from shipworthy.check.source import Source

from packages.shipworthy.tests.projects import Project, Run

HEAD = "from fastapi import Depends, FastAPI\napp = FastAPI()\ndef get_db(): ...\n"
ROUTE = '@app.get("/")\n'


def source(code: str) -> Source:
    text = textwrap.dedent(code).lstrip("\n")
    return Source(Path("main.py"), "main", text, ast.parse(text))


def edited(code: Source, fix: Fix | None) -> str | None:
    return apply(code.text, [fix])[0] if fix else None


def first_call(code: Source) -> ast.Call:
    return next(node for node in ast.walk(code.tree) if isinstance(node, ast.Call))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(k=1)"),
        ("f(a)", "f(a, k=1)"),
        ("f(a, )", "f(a, k=1, )"),
        ("f(a, k=2, b=3)", "f(a, k=1, b=3)"),
        ("f(\n    a,\n    b,  # why\n)", "f(\n    a,\n    b,\n    k=1,  # why\n)"),
        ("f('größe')", "f('größe', k=1)"),
        ("f((a))", "f((a))"),  # the parser does not say where the inner parenthesis ends
        ("f(x for x in y)", "f(x for x in y)"),
        ("f(*a, **b)", "f(*a, **b, k=1)"),
    ],
)
def test_an_argument_is_given(before: str, after: str) -> None:
    code = source(before)

    assert apply(code.text, [Fix("", text.keyword(code, first_call(code), "k", "1"))])[0] == after
    ast.parse(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(k=1)", "f()"),
        ("f(k=1,)", "f()"),
        ("f(a, k=1)", "f(a)"),
        ("f(k=1, b=2)", "f(b=2)"),
        ("f(\n    a,\n    k=[1, 2],\n    b=2,\n)", "f(\n    a,\n    b=2,\n)"),
        ("f(a,  # why\n  k=1)", "f(a,  # why\n  k=1)"),
        ("f(a)", "f(a)"),
    ],
)
def test_an_argument_is_taken_away_unless_a_comment_would_go_with_it(before: str, after: str) -> None:
    code = source(before)

    assert apply(code.text, [Fix("", text.drop(code, first_call(code), "k"))])[0] == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("async def f(): ...", "def f(): ..."),
        ("async  def f(a: int = 1) -> int: ...", "def f(a: int = 1) -> int: ..."),
        ("async def f(): ...\nasync def g(): await f()", None),
        ("async \\\n def f(): ...", None),
    ],
)
def test_async_goes_unless_somebody_awaits_it(before: str, after: str | None) -> None:
    code = source(before)
    [function, *_] = code.tree.body
    assert isinstance(function, ast.AsyncFunctionDef)

    fixed = edited(code, routes.plain(code, function))

    assert fixed == after or (after is None and fixed is not None and not fixed.startswith("async"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(): ...", "def f() -> int: ..."),
        ("def f(a: int = {1: 2}[1], *b, c=':'): ...", "def f(a: int = {1: 2}[1], *b, c=':') -> int: ..."),
        ("def f(\n    a,  # :\n): ...", "def f(\n    a,  # :\n) -> int: ..."),
        ("def f() -> str: ...", None),
    ],
)
def test_a_return_type_is_written_behind_the_signature(before: str, after: str | None) -> None:
    code = source(before)
    [function] = code.tree.body
    assert isinstance(function, ast.FunctionDef)

    assert edited(code, routes.returns(code, function, "int")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.dict()", "m.model_dump()"),
        ("m.dict(exclude_unset=True)", "m.model_dump(exclude_unset=True)"),
        ("m.dict(skip_defaults=True)", None),
        ("m.json(encoder=e)", None),
        ("a.b['größe'].copy(update={})", "a.b['größe'].model_copy(update={})"),
        ("M.parse_obj(o)", "M.model_validate(o)"),
        ("m.dict(o)", None),
        ("m.other()", None),
    ],
)
def test_methods_of_models_get_their_new_name_if_their_arguments_mean_the_same(
    before: str, after: str | None
) -> None:
    code = source(before)

    assert edited(code, pydantic.rename(code, first_call(code))) == after


CONFIGS = [
    ("    class Config:\n        orm_mode = True\n", "    model_config = ConfigDict(from_attributes=True)\n"),
    (
        "    class Config:\n        'Text.'\n        title = 'M'\n        frozen: bool = True\n    x: int\n",
        "    model_config = ConfigDict(title='M', frozen=True)\n    x: int\n",
    ),
    ("    class Config:\n        allow_mutation = False\n", None),
    ("    class Config(Base):\n        extra = 'forbid'\n", None),
    ("    class Config:\n        # why\n        extra = 'forbid'\n", None),
    ("    class Config:\n        frozen = 1  # why\n", "    model_config = ConfigDict(frozen=1)  # why\n"),
    ("    class Config:\n        def schema_extra(): ...\n", None),
    ("    class Config:\n        orm_mode = True\n    model_config = {}\n", None),
]


@pytest.mark.parametrize(("before", "after"), CONFIGS)
def test_a_config_class_of_plain_values_becomes_a_model_config(before: str, after: str | None) -> None:
    code = source(f"from pydantic import BaseModel\nclass M(BaseModel):\n{before}")
    owner = code.tree.body[1]
    assert isinstance(owner, ast.ClassDef)

    head = "from pydantic import BaseModel, ConfigDict\nclass M(BaseModel):\n"
    assert edited(code, pydantic.config(code, owner)) == (after and head + after)


DEFAULTS = [
    ("db: S = Depends(get_db)", "db: Annotated[S, Depends(get_db)]"),
    ("a, db: S = Depends(get_db), q: int = 1", "a, db: Annotated[S, Depends(get_db)], q: int = 1"),
    ("q: int = 1, db: S = Depends(get_db)", "q: int = 1, db: S = Depends(get_db)"),
    ("q: int = 1, *, db: S = Depends(get_db)", "q: int = 1, *, db: Annotated[S, Depends(get_db)]"),
    ("db=Depends(get_db)", "db=Depends(get_db)"),
    (
        "a: S = Depends(get_db), b: 'S' = Depends(get_db)",
        "a: Annotated[S, Depends(get_db)], b: Annotated['S', Depends(get_db)]",
    ),
]


@pytest.mark.parametrize(("before", "after"), DEFAULTS)
def test_dependencies_move_into_annotated_where_the_signature_allows_it(
    before: str, after: str, project: Project, run: Run
) -> None:
    code = f"{HEAD}class S: ...\n{ROUTE}def read({{}}) -> str: ...\n"
    project.write("main.py", code.format(before))

    claimed = "[*]" in run("check", "--pedantic", "--ignore", "SW3").out
    run("check", "--pedantic", "--fix")

    assert claimed == (before != after)
    fixed = "from typing import Annotated\n" if "Annotated" in after else ""
    assert project.read("main.py") == fixed + code.format(after)


@pytest.mark.parametrize(
    "caller",
    [
        "from deps import get_user as current\ndef work(): return current()\n",
        "import deps\ndef work(): return deps.get_user()\n",
        "import deps\ndef work():\n    return (deps\n        .get_user\n        ())\n",
        "from deps import *\ndef work(): return get_user ()\n",
    ],
    ids=["another name", "a module", "several lines", "a star"],
)
def test_a_function_that_somebody_calls_keeps_its_defaults_unless_asked(
    caller: str, project: Project, run: Run
) -> None:
    project.write("deps.py", "from fastapi import Depends\ndef get_user(db: int = Depends(int)): ...\n")
    project.write("main.py", caller)

    run("check", "--pedantic", "--fix")
    assert "db: int = Depends(int)" in project.read("deps.py")
    run("check", "--pedantic", "--fix", "--unsafe-fixes")
    assert "db: Annotated[int, Depends(int)]" in project.read("deps.py")


def test_a_comment_about_a_function_is_no_call_of_it(project: Project, run: Run) -> None:
    project.write("deps.py", "from fastapi import Depends\ndef get_user(db: int = Depends(int)): ...\n")
    project.write("main.py", "from deps import get_user  # as in `get_user()`\n")

    run("check", "--pedantic", "--fix")

    assert "db: Annotated[int, Depends(int)]" in project.read("deps.py")


@pytest.mark.parametrize(
    ("head", "fixed"),
    [
        ('"""Text."""\n', '"""Text."""\nfrom typing import Annotated\n'),
        ("from typing import Any\n", "from typing import Any, Annotated\n"),
        ("from typing import (\n    Any,\n)\n", "from typing import (\n    Any,\n    Annotated,\n)\n"),
        ("from typing import Annotated as A\n", "from typing import Annotated as A\n"),
        (
            "from __future__ import generators\n",
            "from __future__ import generators\nfrom typing import Annotated\n",
        ),
        ("Annotated = 1\n", None),
        ("from elsewhere import Annotated\n", None),
        ("import elsewhere as Annotated\n", None),
    ],
)
def test_the_name_a_fix_needs_is_imported_once(
    head: str, fixed: str | None, project: Project, run: Run
) -> None:
    routes = "".join(f"{ROUTE}def read{n}(db: int = Depends(get_db)) -> str: ...\n" for n in range(3))
    project.write("main.py", head + HEAD + routes)

    run("check", "--pedantic", "--fix")

    name = "A" if head.endswith(" A\n") else "Annotated"
    moved = routes.replace("int = Depends(get_db)", f"{name}[int, Depends(get_db)]")
    assert project.read("main.py") == (head + HEAD + routes if fixed is None else fixed + HEAD + moved)


def test_fixing_tells_what_is_left_and_a_second_run_changes_nothing(shop: Project, run: Run) -> None:
    shop.write("shop/more.py", f'{HEAD}@app.get("/", response_model=str)\ndef read() -> str: ...\n')

    first = run("check", "--fix", "--format", "concise")
    after = shop.read("shop/more.py")
    second = run("check", "--fix", "--format", "concise")

    assert '@app.get("/")' in after
    assert first.err == "Fixed 1 problem.\n"
    assert (first.status, first.codes) == (1, ["SW101"])
    assert second.err == "Fixed 0 problems.\n"
    assert shop.read("shop/more.py") == after


def test_a_dry_run_prints_the_diff_and_changes_nothing(project: Project, run: Run) -> None:
    before = f'{HEAD}@app.get("/", response_model=str)\ndef read() -> str: ...'
    project.write("main.py", before)

    told = run("check", "--fix", "--dry-run")

    assert '-@app.get("/", response_model=str)\n+@app.get("/")\n' in told.out
    assert told.out.startswith("--- main.py\n+++ main.py\n")
    assert told.err == "Would fix 1 problem.\n"
    assert (told.status, project.read("main.py")) == (1, before)


@pytest.mark.parametrize(
    ("encoded", "kept"),
    [
        (lambda text: text.replace("\n", "\r\n").encode(), b'\r\n@app.get("/")\r\n'),
        (lambda text: b"\xef\xbb\xbf" + text.encode(), b"\xef\xbb\xbf"),
        (lambda text: ("# coding: latin-1\n# gr\u00f6\u00dfe\n" + text).encode("latin-1"), b"gr\xf6\xdfe"),
    ],
)
def test_line_ends_and_encodings_stay_as_they_are(encoded, kept: bytes, project: Project, run: Run) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    path = project.write("main.py", "")
    path.write_bytes(encoded(f'{HEAD}@app.get("/", response_model=str)\ndef read() -> str: ...\n'))

    run("check", "--fix")

    assert b'@app.get("/")' in path.read_bytes()
    assert kept in path.read_bytes()


def test_mixed_line_ends_could_not_be_kept_so_the_file_is_left_alone(project: Project, run: Run) -> None:
    path = project.write("main.py", "")
    octets = f'{HEAD}@app.get("/", response_model=str)\r\ndef read() -> str: ...\n'.encode()
    path.write_bytes(octets)

    run("check", "--fix")

    assert path.read_bytes() == octets


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1  # shipworthy: ignore[SW101] -- why\n", "x = 1\n"),
        ("x = 1  # noqa  # shipworthy: ignore[SW101]\n", "x = 1  # noqa\n"),
        ("# shipworthy: ignore[SW101]\nx = 1\n", "x = 1\n"),
        ("x = 1  # shipworthy: ignore\n", "x = 1\n"),
    ],
)
def test_an_ignore_that_hides_nothing_is_removed(before: str, after: str, project: Project, run: Run) -> None:
    project.write("main.py", before)

    run("check", "--fix")

    assert project.read("main.py") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [("f('/')", "f('/', status_code=201)"), ("f()", "f(status_code=201)"), ("f('/', status_code=200)", None)],
)
def test_a_status_is_given_where_there_is_none(before: str, after: str | None) -> None:
    code = source(before)

    assert edited(code, routes.status(code, first_call(code), 201)) == after


V1 = """
    from pydantic import BaseModel{more}
    class Item(BaseModel):
        title: str = Field(regex="a")
        class Config:
            orm_mode = True
    def told(item: Item):
        return item.dict()
"""


def test_pydantic_1_is_mended_safely_where_the_second_is_in_use(project: Project, run: Run) -> None:
    project.write("main.py", V1.format(more=", Field"))
    run("check", "--fix")
    assert "class Config" in project.read("main.py")

    project.write("main.py", V1.format(more=", ConfigDict, Field"))
    run("check", "--fix")
    mended = project.read("main.py")
    assert "    model_config = ConfigDict(from_attributes=True)\n" in mended
    assert 'Field(pattern="a")' in mended
    assert "return item.model_dump()" in mended


def test_a_scope_is_given_on_demand(project: Project, run: Run) -> None:
    code = """
        from typing import Annotated
        from fastapi import Depends, FastAPI
        from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
        app = FastAPI()
        sessions = async_sessionmaker()
        async def get_session():
            async with sessions.begin() as session:
                yield session
        Session = Annotated[AsyncSession, Depends(get_session)]
    """
    project.write("main.py", code)

    run("check", "--fix", "--unsafe-fixes")

    assert 'Depends(get_session, scope="function")' in project.read("main.py")


def test_fixes_that_get_in_each_others_way_wait_for_the_next_round() -> None:
    one, other = Fix("", (Edit(0, 2, "X"),)), Fix("", (Edit(1, 3, "Y"), Edit(3, 4, "Z")))

    assert apply("abcd", [one, other]) == ("Xcd", [one])
    assert apply("abcd", [other, one]) == ("aYZ", [other])
    assert apply("abcd", [one, one]) == ("Xcd", [one, one])


def test_a_fix_after_which_the_file_does_not_parse_is_not_made() -> None:
    good, bad = Fix("", (Edit(0, 1, "y"),)), Fix("", (Edit(4, 5, "("),))

    assert careful("x = 1\n", [bad, good]) == ("y = 1\n", [good])
    assert careful("x = 1\n", [bad]) == ("x = 1\n", [])


@given(
    st.text("ab\n", max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.text("xy", max_size=3))),
)
def test_edits_made_together_are_edits_made_one_by_one_from_the_end(
    code: str, wanted: list[tuple[int, int, str]]
) -> None:
    edits = [Edit(start, start + length, new) for start, length, new in wanted if start + length <= len(code)]
    after, made = apply(code, [Fix("", (edit,)) for edit in edits])
    one_by_one = code
    for edit in sorted({edit for fix in made for edit in fix.edits}, reverse=True):
        one_by_one = one_by_one[: edit.start] + edit.text + one_by_one[edit.end :]

    assert after == one_by_one
    assert len(made) >= bool(edits)


SERVED = """
    from typing import Optional
    from fastapi import Depends, FastAPI, Header, Query, Security
    from fastapi.security import OAuth2PasswordBearer
    from pydantic import BaseModel, ConfigDict, Field

    app = FastAPI()
    bearer = OAuth2PasswordBearer("token", scopes={"read": "Read"})

    class Item(BaseModel):
        title: str = Field(min_length=1)

        class Config:
            json_schema_extra = {"example": {"title": "Lamp"}}
            extra = "forbid"

    class Page:
        def __init__(self, limit: int = Query(10, le=100), after: Optional[str] = None):
            self.limit = limit

    def get_user(token: str = Security(bearer, scopes=["read"]), agent: str = Header("none")) -> str:
        return token

    @app.get("/items", response_model=list[Item], tags=["items"])
    async def list_items(page: Page = Depends(), user: "str" = Depends(get_user)) -> list[Item]:
        return [Item(title="Lamp")]

    @app.post("/items", response_model=Item, status_code=201)
    async def create_item(item: Item, *, dry: bool = False, user: str = Depends(get_user)) -> Item:
        return Item(**item.dict(exclude_unset=True))
"""


def openapi(project: Project) -> str:
    program = "import json, main; print(json.dumps(main.app.openapi(), indent=1))"
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True).stdout  # noqa: S603


def test_safe_fixes_change_nothing_that_a_client_sees(project: Project, run: Run) -> None:
    project.write("main.py", SERVED)
    before = openapi(project)

    told = run("check", "--fix", "--select", "SW208,SW209,SW601")

    assert told.err == "Fixed 7 problems.\n"
    assert told.status == 0
    assert openapi(project) == before
