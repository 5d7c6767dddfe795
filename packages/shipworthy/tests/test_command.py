"""The command line: what it takes, what it answers, and with which exit code."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from shipworthy.check.builtin import every_rule
from shipworthy.check.formats import FORMATS
from shipworthy.check.routes import Route
from shipworthy.check.rule import Problem, World
from shipworthy.check.rules import blocking_call_in_async, missing_response_type

from packages.shipworthy.tests.projects import Project, Run

SOURCES = Path(__file__).parents[1] / "src"


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "shipworthy.check", *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCES), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("shop")
def test_without_configuration_the_code_below_the_working_directory_is_checked() -> None:
    told = process("check")

    assert told.returncode == 1
    assert "SW101 error: `list_users` blocks the event loop" in told.stdout
    assert "1 of 2 routes pass" in told.stdout
    assert told.stderr == ""


def test_a_clean_project_and_one_without_routes_answer_differently(project: Project, run: Run) -> None:
    project.write("tools.py", "print")
    nothing = run("check")
    project.write(
        "main.py", "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef read() -> str: ...\n"
    )
    clean = run("check")

    assert (nothing.status, clean.status) == (3, 0)
    assert "no route was found" in nothing.out
    assert "No problems in 2 files with 1 route." in clean.out


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "nowhere"], "there is no nowhere"),
        (["check", "--select", "SW999"], "there is no rule 'SW999'"),
        (["check", "--ignore", "cors-stra"], "do you mean 'cors-star'?"),
        (["check", "--dry-run"], "need --fix"),
        (["check", "--unsafe-fixes"], "need --fix"),
        (["check", "--format", "pdf"], "invalid choice: 'pdf'"),
        (["check", "--baseline", "none.json"], "there is no baseline none.json"),
        (["check", "--write-baseline", "--diff", "HEAD"], "goes without --diff"),
        (["check", "--app", "shop.main"], "must be MODULE:ATTR"),
        (["rule", "SW999"], "there is no rule 'SW999'"),
        (["rule", ""], "there is no rule ''"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(arguments: list[str], complaint: str, run: Run) -> None:
    told = run(*arguments)

    assert told.status == 2
    assert complaint in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ([], ["SW101", "SW202", "SW303"]),
        (["--select", "SW101"], ["SW101"]),
        (["--select", "SW1"], ["SW101"]),
        (["--select", "wrong-status-code,blocking-call-in-async"], ["SW101", "SW202"]),
        (["--ignore", "SW2"], ["SW101", "SW303"]),
        (["--select", "SW1", "--ignore", "blocking-call-in-async"], []),
    ],
)
def test_rules_are_chosen_by_code_by_the_beginning_of_codes_and_by_name(
    arguments: list[str], codes: list[str], shop: Project, run: Run
) -> None:
    shop.write("shop/items.py", """
        from fastapi import APIRouter
        router = APIRouter()
        @router.post("/items")
        def create_item() -> str: ...
    """)  # fmt: skip

    told = run("check", "--format", "concise", *arguments)

    assert sorted(told.codes) == codes
    assert told.status == bool(codes)


def test_what_is_not_read_is_told(shop: Project, run: Run) -> None:
    shop.write("tests/test_shop.py", "def (")
    shop.write("env/pyvenv.cfg", "")

    assert "2 places of tests and the like not read" in run("check").out
    assert json.loads(run("check", "--format", "json").out)["skipped"] == ["env", "tests"]


@pytest.mark.usefixtures("shop")
def test_statistics_count_by_rule(run: Run) -> None:
    told = run("check", "--statistics")

    assert told.out.splitlines()[0] == "1  SW101 blocking-call-in-async"
    assert "shop/main.py" not in told.out


def test_a_report_goes_to_a_file_and_its_summary_to_the_terminal(shop: Project, run: Run) -> None:
    told = run("check", "--format", "json", "--output", "reports/check.json")

    assert json.loads(shop.read("reports/check.json"))["findings"][0]["code"] == "SW101"
    assert "1 of 2 routes pass" in told.out
    assert told.out.splitlines()[-1] == "Wrote reports/check.json"
    assert told.status == 1


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("arguments", "environment", "colours"),
    [
        ([], {}, 0),
        (["--color", "always"], {"NO_COLOR": "1"}, 1),
        (["--color", "never"], {"FORCE_COLOR": "1"}, 0),
        ([], {"FORCE_COLOR": "1"}, 1),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, 0),
    ],
)
def test_colours_are_for_terminals_and_for_those_who_ask(
    arguments: list[str], environment: dict[str, str], colours: int
) -> None:
    assert ("\x1b[" in process("check", *arguments, **environment).stdout) == bool(colours)


def test_every_rule_has_a_page_and_a_line_in_the_index(run: Run) -> None:
    index = run("rules").out.splitlines()
    rules = every_rule()

    assert [line.split()[:2] for line in index] == [[rule.code, rule.name] for rule in rules]
    for rule in rules:
        page = run("rule", rule.code).out
        assert page == run("rule", rule.name).out
        assert page.startswith(f"{rule.code} {rule.name}: {rule.severity}, {rule.confidence} confidence")
        assert page.endswith(rule.doc + "\n")


def test_the_index_is_told_to_programs_and_to_documents(run: Run) -> None:
    listed = json.loads(run("rules", "--format", "json").out)
    table = run("rules", "--format", "markdown").out

    assert [each["code"] for each in listed] == [rule.code for rule in every_rule()]
    assert all(each["page"] and each["summary"] in table for each in listed)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_and_options(shell: str, run: Run) -> None:
    script = run("completion", shell).out

    assert "write-baseline" in script
    assert "pedantic" in script


def test_bash_reads_the_completion_and_completes_with_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "completion").write_text(run("completion", "bash").out)
    ask = f"""
        source {tmp_path}/completion
        COMP_WORDS=(shipworthy check --wr) COMP_CWORD=2 COMP_LINE='shipworthy check --wr'
        $(complete -p shipworthy | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        echo "${{COMPREPLY[@]}}"
    """
    told = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)  # noqa: S603, S607

    assert told.stdout.strip() == "--write-baseline"


def test_the_contract_is_compared_by_the_same_command(project: Project, run: Run) -> None:
    project.write("old.json", '{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {}}}}}')
    project.write("new.json", '{"openapi": "3.1.0", "paths": {}}')

    assert run("contract", "old.json", "old.json").status == 0
    assert run("contract", "old.json", "new.json").status == 1


UNTYPED = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/a')\ndef a(): return b()\n"


def test_uncertain_findings_are_for_the_pedantic(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("main.py", UNTYPED)
    monkeypatch.setattr(missing_response_type, "CONFIDENCE", "medium")

    assert run("check").status == 0
    assert "1 less certain with --pedantic" in run("check").out
    assert "SW201 warning (medium confidence):" in run("check", "--pedantic").out
    assert run("check", "--select", "SW201").status == 1


@pytest.mark.usefixtures("shop")
def test_what_matters_in_production_is_told_on_demand(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking_call_in_async, "DEPLOY", True, raising=False)

    assert run("check").status == 0
    assert run("check", "--deploy").status == 1
    assert run("check", "--select", "SW101").status == 1


def test_a_rule_that_fails_says_so_and_the_others_go_on(
    shop: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(route: Route, world: World) -> Iterator[Problem]:
        raise ZeroDivisionError(route, world)
        yield

    monkeypatch.setattr(missing_response_type, "check", check)
    shop.write(
        "shop/items.py",
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/a')\ndef a(): ...\n",
    )

    told = run("check", "--format", "concise", "--select", "SW1,SW201,SW005")

    assert sorted(set(told.codes)) == ["SW005", "SW101"]
    assert "SW201 missing-response-type fails here: ZeroDivisionError" in told.out


# Half a second may be more than a run takes.
IMPATIENT = """
import sys
from shipworthy.check import cli, progress
progress.PATIENCE = -1
cli.main(sys.argv[1:])
"""


def on_a_terminal(*arguments: str) -> str:
    """What a person sees on standard error."""
    ours, theirs = pty.openpty()
    subprocess.run(  # noqa: S603
        [sys.executable, "-c", IMPATIENT, *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCES)}, stdout=subprocess.DEVNULL, stderr=theirs, check=False,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # the end of a terminal
        while more := os.read(ours, 1024):
            seen += more
    os.close(ours)
    return seen.decode()


@pytest.mark.usefixtures("shop")
def test_a_long_run_tells_a_terminal_what_it_is_busy_with() -> None:
    seen = on_a_terminal("check")

    assert "studying 3 files …" in seen
    assert "checking 2 routes …" in seen
    assert seen.endswith("\r\x1b[2K")


def test_a_checker_that_fails_does_not_say_that_there_are_findings(
    shop: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(*_: object) -> None:
        raise ZeroDivisionError(shop)

    monkeypatch.setattr("shipworthy.check.world.find", find)

    told = run("check")

    assert told.status == 3
    assert "ZeroDivisionError" in told.err
    assert told.err.endswith("error: shipworthy failed, so nothing was checked; please report it\n")


@pytest.mark.usefixtures("shop")
def test_a_terminal_without_the_letters_is_told_what_it_can_show() -> None:
    told = process("check", PYTHONIOENCODING="ascii")

    assert told.returncode == 1
    assert "1 of 2 routes pass" in told.stdout
    assert told.stderr == ""


def test_a_reader_who_stops_reading_gets_no_traceback(project: Project) -> None:
    handler = '@app.on_event("startup")\ndef go{}(): ...\n'
    project.write(
        "main.py",
        "from fastapi import FastAPI\napp = FastAPI()\n" + "".join(handler.format(n) for n in range(2000)),
    )
    command = f"{sys.executable} -m shipworthy.check check --format concise | head -1"
    told = subprocess.run(  # noqa: S602
        command,
        shell=True,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.startswith("main.py:3:2:")
    assert told.stderr == ""


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_whose_name_is_no_text_is_told_in_every_format(form: str, project: Project, run: Run) -> None:
    folder = project.root / os.fsdecode(b"a\xff")
    folder.mkdir()
    (folder / "b.py").write_text(
        "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef read(): ...\n"
    )

    assert run("check", "--select", "SW201", "--format", form, "--output", "report").status == 1
    assert "b.py" in project.read("report")
