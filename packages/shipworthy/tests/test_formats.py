"""What each format says, and that other programs can read it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import pytest

from packages.shipworthy.tests.projects import Project, Run

SCHEMAS = Path(__file__).parent / "schemas"
REPORT = Path(__file__).parents[3] / "docs" / "checker" / "report.schema.json"
FULL = """\
SW101 error: `list_users` blocks the event loop: it reaches `time.sleep`; await `asyncio.sleep` instead
  --> shop/main.py:14:12
   |
11 | @app.get("/users")
   |  ----------------- this route
...
14 |     return users.names()
   |            ^^^^^^^^^^^^^ 1. calls `shop.service.Users.names`
   |
  ::: shop/service.py:6:16
   |
 6 |         return self.rows()
   |                ----------- 2. calls `shop.service.Users.rows`
...
 9 |         time.sleep(1)
   |         ------------- 3. calls `time.sleep`
   |
   = help: shipworthy rule SW101
"""
AWKWARD = """
    import time
    from fastapi import FastAPI
    app = FastAPI()

    @app.get("/größe")
    async def größe() -> str:
    \tawait später()
    \treturn "<b>%s</b> | \U0001f9ea" % time.sleep(1)  # <script>alert(1)</script> ]]>
"""


@pytest.mark.usefixtures("shop")
def test_the_full_format_marks_the_route_the_calls_and_the_end_of_the_chain(run: Run) -> None:
    assert run("check", "--select", "SW101").out.startswith(FULL)


@pytest.mark.usefixtures("shop")
def test_the_concise_format_is_one_line_that_editors_read(run: Run) -> None:
    line = run("check", "--format", "concise").out.splitlines()[0]

    assert line.startswith("shop/main.py:14:12: SW101 error: `list_users` blocks the event loop")


def test_carets_stand_below_what_they_mean_behind_tabs_and_letters_of_two_octets(
    project: Project, run: Run
) -> None:
    project.write("main.py", AWKWARD)

    lines = run("check").out.splitlines()
    marks = next(number for number, line in enumerate(lines) if "^" in line)
    start = lines[marks].index("^")

    assert lines[marks - 1][start:].startswith("time.sleep(1)  #")
    assert lines[marks].count("^") == len("time.sleep(1)")


@pytest.mark.usefixtures("shop")
def test_json_is_what_its_schema_says(run: Run) -> None:
    told = json.loads(run("check", "--format", "json").out)

    jsonschema.Draft202012Validator(json.loads(REPORT.read_text())).validate(told)
    [found] = told["findings"]
    assert [hop["calls"] for hop in found["chain"]][-1] == "time.sleep"
    assert found["routes"] == [{"method": "GET", "path": "/users", "handler": "list_users"}]
    assert told["practices"][0] == {"name": "event loop", "findings": 1, "routes": 2, "failing": 1}


def test_sarif_is_what_its_schema_says_and_carries_the_chain(shop: Project, run: Run) -> None:
    shop.write("shop/größe 1.py", shop.read("shop/main.py"))
    shop.write("broken.py", "def (")
    told = json.loads(run("check", "--format", "sarif").out)
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())

    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(told)
    result = next(each for each in told["runs"][0]["results"] if "codeFlows" in each)
    steps = [each["location"] for each in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert [step["message"]["text"] for step in steps] == [
        "GET /users is handled by `list_users`",
        "calls `shop.service.Users.names`",
        "calls `shop.service.Users.rows`",
        "calls `time.sleep`",
    ]
    uris = [step["physicalLocation"]["artifactLocation"]["uri"] for step in steps]
    assert (uris[0], uris[-1]) == ("shop/gr%C3%B6%C3%9Fe%201.py", "shop/service.py")
    assert result["partialFingerprints"]["shipworthy/v1"]


def test_sarif_names_files_as_the_repository_does(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.git("init", "-q")
    project.write("backend/main.py", AWKWARD)
    monkeypatch.chdir(project.root / "backend")

    told = json.loads(run("check", "--format", "sarif").out)

    [place] = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in told["runs"][0]["results"]
    }
    assert place == "backend/main.py"


def test_annotations_of_github_are_one_line_each_whatever_they_say(project: Project, run: Run) -> None:
    project.write("a,b:c%/main.py", AWKWARD)

    line = run("check", "--format", "github").out.splitlines()[0]

    assert line.startswith("::error file=a%2Cb%3Ac%25/main.py,line=8,col=")
    assert "title=SW101 blocking-call-in-async::`größe` blocks" in line
    assert "%0Aa,b:c%25/main.py:8 calls `time.sleep`" in line


def test_junit_is_xml_with_a_failed_case_for_each_finding(project: Project, run: Run) -> None:
    project.write("main.py", AWKWARD)

    top = ET.fromstring(run("check", "--format", "junit").out.partition("\n")[2])  # noqa: S314
    failed = [case for case in top.iter("testcase") if case.find("failure") is not None]

    assert [case.attrib["name"] for case in failed] == ["main.py:8"]
    assert top.attrib["failures"] == "1"
    assert int(top.attrib["tests"]) == len(list(top.iter("testcase")))


@pytest.mark.usefixtures("shop")
def test_markdown_has_a_row_for_each_practice_and_an_item_for_each_finding(run: Run) -> None:
    told = run("check", "--format", "markdown").out

    assert "| ✗ | event loop | 1 of 2 routes pass |" in told
    assert "- `shop/main.py:14` `list_users` blocks" in told
    assert "  3. `shop/service.py:9` calls `time.sleep`" in told


class Links(HTMLParser):
    """Everything a page would ask for, and the tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.asked += [value or "" for name, value in attrs if name in {"src", "href", "action", "srcset"}]


def test_the_page_asks_for_nothing_and_shows_source_as_text(project: Project, run: Run) -> None:
    project.write("main.py", AWKWARD)
    page = run("check", "--format", "html").out
    links = Links()
    links.feed(page)

    assert links.asked == ["data:,"]
    assert links.tags.count("script") == 1
    assert not re.search(r"https?://|url\(|@import", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<mark" in page
    assert "0 of 1 routes pass" in page


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github", "junit", "markdown", "html"])
def test_every_format_tells_a_clean_project_too(form: str, project: Project, run: Run) -> None:
    project.write(
        "main.py", "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef read() -> str: ...\n"
    )

    told = run("check", "--format", form)

    assert told.status == 0
    assert told.out.strip()
