"""What an application is made of: origins, handlers of errors, secrets, versions, layers."""

from pathlib import Path

import pytest

from packages.shipworthy.tests.snippets import APP, found


def test_an_heir_of_the_cors_middleware_is_one(tmp_path: Path) -> None:
    text = (
        "from fastapi.middleware.cors import CORSMiddleware\nclass Paths(CORSMiddleware): ...\n"
        f"{APP}app.add_middleware(Paths, allow_origins=['*'])\n"
    )

    assert len(found(tmp_path, "SW302", main=text)) == 1


@pytest.mark.parametrize(("how", "told"), [("dict", True), ("model_dump", True), ("json", False)])
def test_the_options_of_the_cors_middleware_may_be_settings(how: str, told: object, tmp_path: Path) -> None:
    settings = (
        "from pydantic import Field\nfrom pydantic_settings import BaseSettings\nclass Cors(BaseSettings):\n"
        f"    allow_origins: list[str] = Field(['*'])\ncors = Cors().{how}()\n"
    )
    text = (
        "from fastapi.middleware.cors import CORSMiddleware\nfrom settings import cors\n"
        f"{APP}app.add_middleware(CORSMiddleware, **cors)\n"
    )

    assert bool(found(tmp_path, "SW302", main=text, settings=settings)) is told


def test_a_class_of_routes_may_answer_to_errors(tmp_path: Path) -> None:
    routes = "".join(f"@app.get('/v1/{name}')\ndef {name}() -> str: ...\n" for name in "abc")
    careful = (
        "from fastapi.routing import APIRoute\nclass Careful(APIRoute):\n    def get_route_handler(self):\n"
        "        try:\n            return super().get_route_handler()\n        except ValueError:\n"
        "            return None\n"
    )

    assert len(found(tmp_path, "SW303", main=APP + routes)) == 1
    assert found(tmp_path, "SW303", main=careful + APP + routes) == []


@pytest.mark.parametrize(
    ("caught", "told"), [(["ValueError", "KeyError"], False), (["ValueError"], True), ([], True)]
)
def test_a_middleware_may_tell_errors_apart(caught: list[str], told: object, tmp_path: Path) -> None:
    routes = "".join(f"@app.get('/v1/{name}')\ndef {name}() -> str: ...\n" for name in "abc")
    careful = (
        f"from fastapi.responses import JSONResponse\n{APP}@app.middleware('http')\n"
        "async def careful(request, call_next):\n    try:\n        return await call_next(request)\n"
        + "".join(f"    except {each}:\n        return JSONResponse({{}})\n" for each in caught)
        + "    finally:\n        print()\n"
    )

    assert bool(found(tmp_path, "SW303", main=careful + routes)) is told


def test_an_application_that_was_made_another_is_one(tmp_path: Path) -> None:
    text = (
        f"from fastapi_versioning import VersionedFastAPI\n{APP}@app.get('/')\ndef read() -> str: ...\n"
        "app = VersionedFastAPI(app)\n@app.on_event('startup')\ndef start(): ...\n"
    )

    assert len(found(tmp_path, "SW301", main=text)) == 1


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        ("fastapi==0.111.0", False),
        ('fastapi = "^0.115.0"', False),
        ('"fastapi>=0.139,<0.142",', True),
        ("fastapi", True),
    ],
)
def test_what_came_with_a_version_is_told_to_those_who_have_it(
    pin: str, told: object, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text(f"{pin}\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "setup.py").write_text("# a module of the application")
    loop = (
        "from fastapi.routing import APIRoute\nnames = [r for r in app.routes if isinstance(r, APIRoute)]\n"
    )
    limits = "from slowapi import Limiter\nlimiter = Limiter(default_limits=['1/minute'])\n"
    old = "from fastapi import status\ncode = status.HTTP_422_UNPROCESSABLE_ENTITY\n"

    for code, text in {"SW306": loop, "SW307": limits, "SW308": old}.items():
        assert bool(found(tmp_path, code, app__in__main=f"{APP}{text}")) is told


def test_no_default_limits_are_none(tmp_path: Path) -> None:
    assert (
        found(tmp_path, "SW307", main="from slowapi import Limiter\nl = Limiter(default_limits=[])\n") == []
    )


@pytest.mark.parametrize("folder", ["use_cases", "repositories", "crud", "item_service"])
def test_what_is_below_the_routes_speaks_no_http(folder: str, tmp_path: Path) -> None:
    error = "from fastapi import HTTPException\nclass Missing(HTTPException): ...\n"
    work = "from app.errors import Missing\ndef find():\n    raise Missing(404)\n"
    files = {"app__in__errors": error, f"app__in__{folder}__in__items": work, "main": APP}

    assert len(found(tmp_path, "SW402", **files)) == 1


def test_no_file_imports_itself(tmp_path: Path) -> None:
    (tmp_path / "src" / "user").mkdir(parents=True)
    (tmp_path / "src" / "__init__.py").write_text("")
    (tmp_path / "src" / "user" / "__init__.py").write_text("")
    base = "from fastapi import HTTPException\nclass Refused(HTTPException): ...\n"
    heir = "from exceptions import Refused\nclass Unknown(Refused): ...\n"
    service = "from user.exceptions import Unknown\ndef find():\n    raise Unknown(401)\n"
    files = {"src__in__exceptions": base, "src__in__user__in__exceptions": heir}

    assert len(found(tmp_path, "SW402", **files, src__in__user__in__service=service)) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('SANDBOX_PROXY_SECRET = os.getenv("SANDBOX_PROXY_SECRET", "sandbox-proxy")', False),
        ('CERT_SECRET_KEY = "ca.crt"', False),
        ('SECRET_KEY = os.getenv("SECRET_KEY", "secret-key")', True),
        ('SECRET_KEY_ACCESS = os.getenv("SECRET_KEY_ACCESS", "super-secret-key")', True),
    ],
)
def test_the_name_of_a_secret_is_none(line: str, told: object, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "SW501", main=f"import os\n{line}\n")) is told


def test_a_word_for_no_key_is_no_key(tmp_path: Path) -> None:
    text = "class Ask:\n    api_key: str = 'dummy'\nAPI_KEY = 'd2f7-4f1c-b1aa'\n"

    assert len(found(tmp_path, "SW501", main=f"{text}{APP}")) == 1


def test_what_is_sent_to_those_who_watch_may_be_lost(tmp_path: Path) -> None:
    text = (
        "from fastapi import BackgroundTasks\ndef send_real_time_notification(): ...\ndef send_mail(): ...\n"
        f"{APP}@app.post('/')\ndef write(tasks: BackgroundTasks) -> str:\n"
        "    tasks.add_task(send_real_time_notification)\n    tasks.add_task(send_mail)\n    return ''\n"
    )

    assert len(found(tmp_path, "SW104", main=text)) == 1


@pytest.mark.parametrize(("name", "told"), [("test-endpoints", False), ("mail_test", True)])
def test_tests_are_no_request_code_and_what_routes_test_is(name: str, told: object, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("PASSWORD = 'correcthorse99'\nTEST_PASSWORD = 'correcthorse99'\n")

    assert len(found(tmp_path, "SW501", main=APP)) == told


def test_examples_are_no_request_code(tmp_path: Path) -> None:
    assert found(tmp_path, "SW201", app_example=f"{APP}@app.get('/')\ndef read():\n    return {{}}\n") == []


@pytest.mark.parametrize(("default", "asked", "told"), [("", "*", False), ("*", "*", True), ("", "", True)])
def test_origins_that_are_every_one_if_a_setting_says_so_are_that_setting(
    default: str, asked: str, told: object, tmp_path: Path
) -> None:
    text = (
        "from pydantic_settings import BaseSettings\nfrom fastapi.middleware.cors import CORSMiddleware\n"
        f"class Settings(BaseSettings):\n    origins: str = '{default}'\n    @property\n"
        f"    def listed(self):\n        if self.origins == '{asked}':\n            return ['*']\n"
        "        return self.origins.split(',')\nsettings = Settings()\n"
        f"{APP}app.add_middleware(CORSMiddleware, allow_origins=settings.listed)\n"
    )

    assert bool(found(tmp_path, "SW302", main=text)) is told


@pytest.mark.parametrize(("early", "unless"), [("", False), ("if stage == 'dev':\n        ", True)])
def test_origins_of_one_stage_are_not_those_of_all(early: str, unless: object, tmp_path: Path) -> None:
    text = (
        "import os\nfrom fastapi.middleware.cors import CORSMiddleware\nstage = os.environ['STAGE']\n"
        f"def origins():\n    {early}return ['*']\n{'    return []' if early else ''}\n"
        f"{APP}app.add_middleware(CORSMiddleware, allow_origins=origins())\n"
    )

    [message] = found(tmp_path, "SW302", main=text)

    assert ("unless" in message) is unless


@pytest.mark.parametrize(("given", "told"), [("True", False), ("False", True)])
def test_a_library_may_bring_handlers_of_its_errors(given: str, told: object, tmp_path: Path) -> None:
    routes = "".join(f"@app.get('/v1/{name}')\ndef {name}() -> str: ...\n" for name in "abc")
    head = "from tortoise.contrib.fastapi import register_tortoise\n"
    text = f"{head}{APP}register_tortoise(app, add_exception_handlers={given})\n{routes}"

    assert bool(found(tmp_path, "SW303", main=text)) is told
