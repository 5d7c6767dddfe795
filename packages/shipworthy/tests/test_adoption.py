"""Living with what there is: ignores, the configuration, baselines and branches."""

import json

import pytest

from packages.shipworthy.tests.projects import MAIN, Project, Run

BLOCKS = """
    import time
    from fastapi import FastAPI
    app = FastAPI()

    @app.get("/")
    async def read() -> str:
        await later()
        time.sleep(1)
        return ""
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("time.sleep(1)", "time.sleep(1)  # shipworthy: ignore[SW101]"),
        ("time.sleep(1)", "time.sleep(1)  # noqa  # shipworthy: ignore[SW201, SW101] -- it is short"),
        ("time.sleep(1)", "# shipworthy: ignore[SW101] -- it is short\n    # really\n\n    time.sleep(1)"),
        ("time.sleep(1)", "time.sleep(\n        1\n    )  # shipworthy: ignore[SW101]"),
        ('@app.get("/")', '@app.get("/")  # shipworthy: ignore[SW101]'),
        ("async def read() -> str:", "async def read() -> str:  # shipworthy: ignore[SW101]"),
    ],
)
def test_a_comment_hides_a_finding_from_its_line_its_route_and_the_line_above(
    old: str, new: str, project: Project, run: Run
) -> None:
    path = project.write("main.py", BLOCKS)
    path.write_text(path.read_text().replace(old, new))

    told = run("check", "--format", "concise", "--ignore", "SW002")

    assert (told.status, told.codes) == (0, [])
    assert "(1 ignored)" in told.out


def test_one_comment_where_a_chain_ends_hides_it_from_every_route(shop: Project, run: Run) -> None:
    service = shop.read("shop/service.py")
    shop.write(
        "shop/service.py", service.replace("sleep(1)", "sleep(1)  # shipworthy: ignore[SW101] -- cached")
    )

    assert run("check").status == 0


@pytest.mark.parametrize(
    ("comment", "complaint"),
    [
        ("# shipworthy: ignore[SW201]", "nothing here is SW201"),
        ("# shipworthy: ignore", "an ignore needs a code"),
        ("# shipworthy: ignore[]", "an ignore needs a code"),
        ("# shipworthy: ignore[SW999]", "there is no rule SW999"),
        ("# shipworthy: ignore[sw201]", "there is no rule sw201"),
    ],
)
def test_a_comment_that_hides_nothing_is_told(
    comment: str, complaint: str, project: Project, run: Run
) -> None:
    project.write("main.py", f"text = '# shipworthy: ignore[SW101]'\nvalue = 1  {comment}\n")

    told = run("check", "--format", "concise")

    assert told.codes == ["SW002"]
    assert "main.py:2:12:" in told.out
    assert complaint in told.out


def test_a_comment_for_a_rule_that_does_not_run_is_left_alone(project: Project, run: Run) -> None:
    project.write("main.py", BLOCKS.replace("sleep(1)", "sleep(1)  # shipworthy: ignore[SW101]"))

    assert run("check", "--select", "SW2").status == 0


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("", ["SW101", "SW301"]),
        ("select = ['SW3']", ["SW301"]),
        ("ignore = ['on-event']", ["SW101"]),
        ("exclude = ['old']", ["SW101"]),
        ("exclude = ['*/legacy.py']", ["SW101"]),
        ("paths = ['old']", ["SW301"]),
        ("per-path-ignores = {'old' = ['SW3'], 'main.py' = ['SW3']}", ["SW101"]),
        ("[tool.shipworthy.per-path-ignores]\n'*.py' = ['SW101', 'SW3']", []),
    ],
)
def test_a_project_settles_its_rules_and_paths(
    table: str, codes: list[str], project: Project, run: Run
) -> None:
    project.write("pyproject.toml", f"[tool.shipworthy]\n{table}")
    project.write("main.py", BLOCKS)
    project.write(
        "old/legacy.py",
        "from fastapi import FastAPI\napp = FastAPI()\n@app.on_event('startup')\ndef go(): ...",
    )

    assert sorted(run("check", "--format", "concise").codes) == codes


def test_the_configuration_counts_from_its_own_folder(
    project: Project, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("pyproject.toml", "[tool.shipworthy]\nper-path-ignores = {'shop/main.py' = ['SW101']}")
    project.write("shop/main.py", BLOCKS)
    project.write("shop/pyproject.toml", "[project]")
    monkeypatch.chdir(project.root / "shop")

    assert run("check").status == 0
    assert run("check", "main.py").status == 0


def test_another_file_can_be_named_and_the_command_line_adds_to_it(project: Project, run: Run) -> None:
    project.write("strict.toml", "[tool.shipworthy]\nselect = ['SW1', 'SW3']")
    project.write("main.py", BLOCKS)

    assert run("check", "--config", "strict.toml").status == 1
    assert run("check", "--config", "strict.toml", "--select", "SW3").status == 0
    assert run("check", "--config", "strict.toml", "--ignore", "SW101").status == 0


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("[tool.shipworthy]\nselekt = ['SW1']", "no key 'selekt'; do you mean 'select'?"),
        ("[tool.shipworthy]\nfrobnicate = 1", "no key 'frobnicate'; there are paths, select,"),
        ("[tool.shipworthy]\nselect = 'SW1'", "'select' of [tool.shipworthy] must be an array of strings"),
        ("[tool.shipworthy]\npedantic = 'yes'", "'pedantic' of [tool.shipworthy] must be true or false"),
        ("[tool.shipworthy]\nper-path-ignores = ['a']", "must be a table of arrays of strings"),
        ("[tool.shipworthy]\nignore = ['SW999']", "there is no rule 'SW999'"),
        ("[tool.shipworthy]\npaths = ['nowhere']", "there is no nowhere"),
        ("[tool]\nshipworthy = 3", "[tool.shipworthy] is not a table"),
        ("[tool.shipworthy\n", "pyproject.toml: Expected"),
    ],
)
def test_a_configuration_that_means_nothing_is_refused(
    table: str, complaint: str, project: Project, run: Run
) -> None:
    project.write("pyproject.toml", table)
    project.write("main.py", BLOCKS)

    told = run("check")

    assert told.status == 2
    assert complaint in told.err


def test_a_baseline_survives_line_moves_and_tells_only_what_is_new(shop: Project, run: Run) -> None:
    shop.write("pyproject.toml", "[tool.shipworthy]\nselect = ['SW101']")
    written = run("check", "--write-baseline")
    moved = shop.read("shop/main.py").replace("\napp = ", "\n# a line\n# and another\napp = ")
    shop.write("shop/main.py", moved)
    old = run("check", "--baseline", "shipworthy-baseline.json")
    shop.write(
        "shop/main.py",
        moved
        + '\n@app.get("/new")\nasync def new() -> list[str]:\n    await later()\n    return users.names()\n',
    )
    new = run("check", "--baseline", "shipworthy-baseline.json", "--format", "concise")

    assert written.status == 0
    assert "Wrote 1 finding to shipworthy-baseline.json" in written.out
    assert (old.status, "(1 known before)" in old.out, "1 of 2 routes pass" in old.out) == (0, True, True)
    assert (new.status, new.codes) == (1, ["SW101"])
    assert "`new` blocks" in new.out


def test_two_equal_lines_are_two_findings_of_a_baseline(project: Project, run: Run) -> None:
    head = "from fastapi import FastAPI\napp = FastAPI()\n"
    line = "app.add_event_handler('startup', go)\n"
    project.write("main.py", head + line)
    run("check", "--write-baseline")
    project.write("main.py", head + line + line)

    assert run("check", "--baseline", "shipworthy-baseline.json", "--format", "concise").codes == ["SW301"]


def test_what_is_mended_is_told_and_forgotten(shop: Project, run: Run) -> None:
    shop.write("pyproject.toml", "[tool.shipworthy]\nbaseline = 'known.json'")
    assert run("check").status == 2
    run("check", "--write-baseline")
    shop.write("shop/service.py", shop.read("shop/service.py").replace("time.sleep(1)", "pass"))
    mended = run("check")
    run("check", "--write-baseline")

    assert mended.status == 0
    assert "1 in the baseline are mended" in mended.out
    assert json.loads(shop.read("known.json"))["findings"] == []


@pytest.mark.parametrize(
    "text", ["[]", "{}", "nonsense", '{"version": 99, "findings": []}', '{"version": 1, "findings": [1]}']
)
def test_a_file_that_is_no_baseline_is_refused(text: str, shop: Project, run: Run) -> None:
    shop.write("known.json", text)

    told = run("check", "--baseline", "known.json")

    assert told.status == 2
    assert "known.json is" in told.err


def branched(shop: Project) -> None:
    shop.git("init", "-q", "-b", "main")
    shop.commit()
    shop.git("checkout", "-q", "-b", "feature")


def test_a_branch_is_told_only_what_it_adds(shop: Project, run: Run) -> None:
    branched(shop)
    unchanged = run("check", "--diff", "main")
    shop.write("shop/items.py", MAIN.replace("/users", "/items"))
    shop.write("shop/main.py", "# a comment\n" + shop.read("shop/main.py"))
    added = run("check", "--diff", "main", "--format", "concise")

    assert (unchanged.status, "(1 known before)" in unchanged.out) == (0, True)
    assert (added.status, added.codes) == (1, ["SW101"])
    assert "shop/items.py" in added.out


def test_a_branch_answers_for_routes_it_did_not_touch(shop: Project, run: Run) -> None:
    shop.write("shop/service.py", shop.read("shop/service.py").replace("time.sleep(1)", "pass"))
    branched(shop)
    shop.write("shop/service.py", shop.read("shop/service.py").replace("pass", "time.sleep(1)"))

    assert "`list_users` blocks" in run("check", "--diff", "main").out


def test_a_branch_does_not_answer_for_what_its_base_has_mended_since(shop: Project, run: Run) -> None:
    branched(shop)
    shop.git("checkout", "-q", "main")
    shop.write("shop/service.py", shop.read("shop/service.py").replace("time.sleep(1)", "pass"))
    shop.commit()
    shop.git("checkout", "-q", "feature")

    assert "time.sleep(1)" in shop.read("shop/service.py")
    assert run("check", "--diff", "main").status == 0


def test_a_file_that_has_moved_brings_nothing_new(shop: Project, run: Run) -> None:
    branched(shop)
    shop.git("mv", "shop/main.py", "shop/application.py")

    told = run("check", "--diff", "main")

    assert (told.status, "known before" in told.out) == (0, True)


def test_comparing_changes_nothing_in_the_repository(shop: Project, run: Run) -> None:
    branched(shop)
    before = {path: path.read_bytes() for path in shop.root.rglob("*") if path.is_file()}

    run("check", "--diff", "main")

    assert {path: path.read_bytes() for path in shop.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("base", ["nowhere", "--output=/tmp/x", ""])
def test_a_base_that_does_not_exist_is_refused(base: str, shop: Project, run: Run) -> None:
    branched(shop)

    assert run("check", f"--diff={base}").status == 2


@pytest.mark.usefixtures("shop")
def test_without_a_repository_there_is_nothing_to_compare_with(run: Run) -> None:
    told = run("check", "--diff", "main")

    assert told.status == 2
    assert "not a git repository" in told.err
