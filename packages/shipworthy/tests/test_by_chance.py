"""What repositories drawn by chance showed to be wrong."""

from pathlib import Path

import pytest

from packages.shipworthy.tests.test_unseen import APP, READ, WORK, found

CLIENT = "from redis import Redis\ntry:\n    client = Redis()\nexcept OSError:\n    client = None\n"
MODEL = "from pydantic import BaseModel, field_validator\nclass User(BaseModel):\n    password: str\n"
MASK = "    @field_validator('password')\n    def hide(cls, value):\n"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (CLIENT, "client.get('a')"),
        ("from botocore.client import BaseClient\ndef put(client: BaseClient):\n    client.put_object()\n",
         "put(make())"),
        ("from mypy_boto3_s3.client import S3Client\ndef put(client: S3Client):\n    client.put_object()\n",
         "put(make())"),
    ],
)  # fmt: skip
def test_what_blocks_is_reached(head: str, body: str, tmp_path: Path) -> None:
    assert len(found(tmp_path, "SW101", main=f"{head}\n{READ}    {body}\n    return ''\n")) == 1


def test_what_a_base_class_keeps_is_there_in_a_class_that_starts_otherwise(tmp_path: Path) -> None:
    rows = (
        "from supabase import create_client\nclass Rows:\n    def __init__(self, name):\n"
        "        self.table = create_client('', '').table(name)\n    def all(self):\n"
        "        return self.table.select('*').execute()\n"
    )
    users = (
        "from rows import Rows\nclass Users(Rows):\n    def __init__(self):\n        super().__init__('a')\n"
    )
    main = f"from users import Users\n{READ}    Users().all()\n    return ''\n"

    assert len(found(tmp_path, "SW101", rows=rows, users=users, main=main)) == 1


@pytest.mark.parametrize("module", ["typing", "collections.abc"])
def test_a_generator_of_nothing_in_particular_yields_what_it_yields(module: str, tmp_path: Path) -> None:
    text = (
        f"from {module} import Generator\nfrom sqlalchemy.orm import Session, sessionmaker\n"
        "Local = sessionmaker()\ndef get_db() -> Generator:\n    db = Local()\n    yield db\n"
        f"{APP}@app.get('/')\nasync def read(db: Session = Depends(get_db)) -> None:\n    db.execute('')\n"
    )

    assert len(found(tmp_path, "SW101", main=text)) == 1


def test_an_application_that_was_made_another_is_one(tmp_path: Path) -> None:
    text = (
        f"from fastapi_versioning import VersionedFastAPI\n{APP}@app.get('/')\ndef read() -> str: ...\n"
        "app = VersionedFastAPI(app)\n@app.on_event('startup')\ndef start(): ...\n"
    )

    assert len(found(tmp_path, "SW301", main=text)) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("work()\n    return StreamingResponse(many())", True),
        ("return StreamingResponse(many())", False),
        ("return StreamingResponse(slow())", False),
        ("job.delay()\n    return None", True),
        ("job.apply_async()\n    return None", True),
    ],
)
def test_to_make_a_generator_or_to_send_a_job_needs_no_loop(body: str, told: object, tmp_path: Path) -> None:
    text = (
        f"from fastapi.responses import StreamingResponse\n{WORK}async def many():\n    yield ''\n"
        f"async def slow():\n    yield work()\n"
        f"def job(): ...\n{APP}@app.get('/')\nasync def read():\n    {body}\n"
    )

    assert bool(found(tmp_path, "SW102", main=text)) is told


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
    ("made", "cached", "told"),
    [("Box()", "", True), ("boto3.client('s3')", "", False), ("boto3.client('s3')", "@cache\n", True)],
)
def test_what_makes_a_client_of_a_library_each_time_is_left_in_its_thread(
    made: str, cached: str, told: object, tmp_path: Path
) -> None:
    text = (
        f"import boto3\nfrom functools import cache\nclass Box: ...\n{cached}def build():\n"
        f"    return {made}\ndef get():\n    return build()\n{APP}@app.get('/')\n"
        "async def read(box=Depends(get)) -> str: ...\n"
    )

    assert bool(found(tmp_path, "SW103", main=text)) is told


def test_a_word_for_no_key_is_no_key(tmp_path: Path) -> None:
    text = "class Ask:\n    api_key: str = 'dummy'\nAPI_KEY = 'd2f7-4f1c-b1aa'\n"

    assert len(found(tmp_path, "SW501", main=f"{text}{APP}")) == 1


@pytest.mark.parametrize("driver", ["psycopg2", "pymysql", "sqlite3"])
def test_a_cursor_queries_whatever_opened_it(driver: str, tmp_path: Path) -> None:
    text = (
        f"import {driver}\ndef connect():\n    return {driver}.connect('')\n{APP}@app.get('/')\n"
        "def read() -> str:\n    found = connect().cursor()\n    found.execute('')\n    return ''\n"
    )

    assert len(found(tmp_path, "SW401", main=text)) == 1
