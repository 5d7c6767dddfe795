"""What is not walked could not have been told: with every call seen, the findings are the same."""

from pathlib import Path

import pytest
from shipworthy.check.engine import findings, merged
from shipworthy.check.project import read
from shipworthy.check.rule import load, marks
from shipworthy.check.run import things
from shipworthy.check.world import study

from packages.shipworthy.tests.projects import Project

SERVICE = Path(__file__).parents[3] / "app"
RULES = load()
BLOCK = "import time\nfrom fastapi import BackgroundTasks, Depends, FastAPI\n"
WAYS = {
    "an import under another name": (
        (
            "from logging import basicConfig as setup\nfrom fastapi import FastAPI\n"
            "setup(level=1)\napp = FastAPI()\n@app.get('/')\ndef read() -> None: ...\n"
        ),
        "SW504",
    ),
    "another name in another file": (
        "from names import Begin, app\nBegin(level=1)\n@app.get('/')\ndef read() -> None: ...\n",
        "SW504",
    ),
    "a class of their own": (
        "from names import Api\napp = Api(debug=True)\n@app.get('/')\ndef read() -> None: ...\n",
        "SW305",
    ),
    "a call over several lines": (
        (
            "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware as Cors\n"
            "app = FastAPI()\napp.add_middleware(\n    Cors,\n    allow_origins=['*'],\n)\n"
        ),
        "SW302",
    ),
    "a middleware of their own, which inherits under another name": (
        "from names import Open, app\napp.add_middleware(Open, allow_origins=['*'])\n",
        "SW302",
    ),
    "a call inside a text": (
        (
            "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\n"
            "def read() -> str:\n    return f'''\n  {\n   print('a')}\n'''\n"
        ),
        "SW503",
    ),
    "a decorator": (
        "from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\ndef start() -> None: ...\n",
        "SW301",
    ),
    "a name of its own in a function": (
        "import uvicorn\ndef main() -> None:\n    run = uvicorn.run\n    run('main:app', reload=True)\n",
        None,
    ),
    "a variable of a module": (
        (
            "import fastapi\nAsk = fastapi.Depends\ndef number() -> int: return 1\n"
            "def read(x: int = Ask(number, max_concurrency=2)) -> None: ...\n"
        ),
        "SW106",
    ),
    "a method on a line of its own": (
        (
            "from pydantic import BaseModel\nclass Item(BaseModel):\n    a: int\n"
            "item = Item(a=1)\nkept = (item\n    .dict\n    ())\n"
        ),
        "SW601",
    ),
}
NAMES = (
    "from logging import basicConfig as Begin\nfrom fastapi import FastAPI\n"
    "from fastapi.middleware.cors import CORSMiddleware as Cors\n"
    "class Api(FastAPI): ...\nclass Open(Cors): ...\napp = FastAPI()\n"
)


def told(folder: Path, *, every_call: bool) -> set[tuple[str, str, int]]:
    """What all rules find."""
    world = study(read([folder]), None if every_call else marks(RULES))
    return {
        (each.code, str(each.path), each.line) for each, _ in merged(findings(world, RULES, things(world)))
    }


@pytest.mark.parametrize(("code", "rule"), WAYS.values(), ids=WAYS)
def test_a_call_is_found_however_it_is_written(code: str, rule: str | None, project: Project) -> None:
    project.write("names.py", NAMES)
    (project.root / "main.py").write_text(code)

    found = told(project.root, every_call=False)

    assert found == told(project.root, every_call=True)
    assert rule is None or rule in {each[0] for each in found}


def test_nothing_of_the_service_is_told_or_kept_back_by_what_is_not_walked() -> None:
    assert told(SERVICE, every_call=False) == told(SERVICE, every_call=True)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_which_calls_it_asks_for(rule: object) -> None:
    assert getattr(rule, "calls", None) is not None, "without CALLS every file is walked for it"
