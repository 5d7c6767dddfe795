"""Imports: every good row once, every bad one named, whatever happens to the worker."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx2 import Response

from app.core.config import Settings
from app.core.database import open_database
from app.services.import_run import ImportRun
from app.services.job_run import JobRun
from app.services.upload_service import MAX_FILES, PART
from tests.processes import PATIENCE, blocked, eventually, joined, serving
from tests.queue.support import APP, employed, settled, until, worker
from tests.support import Person, assert_problem
from tests.watching import statements

CSV = {"Content-Type": "text/csv"}
JSONL = {"Content-Type": "application/jsonl"}


@pytest.fixture(autouse=True)
async def at_work(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[None]:
    if "database_url" in request.fixturenames and "no_worker" in request.keywords:
        yield
        return
    async with employed(settings):
        yield


async def imported(
    person: Person, database: asyncpg.Connection, content: bytes, headers: dict[str, str] = CSV
) -> dict[str, Any]:
    """The job when it is over."""
    answer = await person.client.post("/items/import", content=content, headers=headers)
    assert answer.status_code == 202, answer.text
    await settled(database)
    job: dict[str, Any] = (await person.client.get(f"http://localhost{answer.headers['location']}")).json()
    return job


async def titles(person: Person) -> list[str]:
    items = (await person.client.get("/items", params={"sort": "title", "limit": 100})).json()["items"]
    return [item["title"] for item in items]


async def test_each_row_of_a_csv_file_becomes_an_item(ada: Person, database: asyncpg.Connection) -> None:
    file = (
        "title,description,tags,price_minor,currency,status\r\n"
        'Lamp,"Brass,\r\n1932 ""old""","[""light"", ""brass""]",4900,EUR,active\r\n'
        "\r\n"
        "Chair,,,,,\r\n"
    )

    job = await imported(ada, database, file.encode())

    assert (job["status"], job["progress"], job["error"]) == ("succeeded", 1, None)
    assert job["result"] == {"created": 2, "failed": 0, "errors": []}
    chair, lamp = (await ada.client.get("/items", params={"sort": "title"})).json()["items"]
    assert (lamp["title"], lamp["tags"], lamp["price_minor"]) == ("Lamp", ["light", "brass"], 4900)
    assert lamp["description"].replace("\r", "") == 'Brass,\n1932 "old"'
    assert (chair["title"], chair["description"], chair["status"]) == ("Chair", None, "draft")
    assert await database.fetchval("SELECT count(*) FROM uploads") == 0


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_an_export_can_be_imported(
    ada: Person, bob: Person, database: asyncpg.Connection, form: str
) -> None:
    items = [
        {"title": "=1+1"},
        {"title": "'=1"},
        {"title": "Lamp", "tags": ["a", "b"], "description": "two\nlines"},
    ]
    await ada.client.post("/items/bulk", json={"items": items})
    exported = await ada.client.get("/items/export", params={"format": form})

    job = await imported(bob, database, exported.content, {"Content-Type": exported.headers["content-type"]})

    assert job["result"] == {"created": 3, "failed": 0, "errors": []}
    again = await bob.client.get("/items/export", params={"format": "jsonl"})
    first = await ada.client.get("/items/export", params={"format": "jsonl"})
    assert sorted(map(essence, again.text.splitlines())) == sorted(map(essence, first.text.splitlines()))


def essence(line: str) -> str:
    item = json.loads(line)
    return json.dumps([item[name] for name in ("title", "description", "status", "tags", "price_minor")])


async def test_bad_rows_are_named_by_line_and_the_others_are_imported(
    ada: Person, database: asyncpg.Connection
) -> None:
    rows = [
        {"title": "Lamp"},
        {"title": ""},
        {"title": "Chair", "price_minor": "10", "owner_id": "ignored"},
        ["no object"],
        {"title": "Table", "secret": "hunter2"},
        {"title": "Desk"},
    ]
    file = "\n".join(json.dumps(row) for row in rows) + "\n{broken\n" + "\xff" + '\n{"title": "Last"}'

    job = await imported(ada, database, file.encode("latin-1"), JSONL)

    assert (job["status"], job["result"]["created"], job["result"]["failed"]) == ("succeeded", 3, 6)
    assert [(each["line"], each["pointer"], each["code"]) for each in job["result"]["errors"]] == [
        (2, "/title", "string_too_short"),
        (3, "/price_minor", "int_type"),
        (4, "", "not_an_object"),
        (5, "/secret", "extra_forbidden"),
        (7, "", "malformed"),
        (8, "", "malformed"),
    ]
    assert "hunter2" not in str(job)
    assert await titles(ada) == ["Desk", "Lamp", "Last"]


async def test_a_cell_that_is_no_list_of_tags_is_named(ada: Person, database: asyncpg.Connection) -> None:
    job = await imported(ada, database, b'title,tags\nLamp,brass\nChair,"[""oak""]"\nDesk,[7]\nBench\n')

    assert [(each["line"], each["pointer"]) for each in job["result"]["errors"]] == [
        (2, "/tags"),
        (4, "/tags/0"),
        (5, ""),
    ]
    assert await titles(ada) == ["Chair"]


async def test_the_first_thousand_errors_are_kept_and_all_are_counted(
    ada: Person, database: asyncpg.Connection
) -> None:
    job = await imported(ada, database, b"title\n" + b'""\n' * 1500 + b"Lamp\n")

    assert (job["result"]["created"], job["result"]["failed"]) == (1, 1500)
    assert [each["line"] for each in job["result"]["errors"]] == list(range(2, 1002))


@pytest.mark.parametrize(
    "file",
    [
        b"name\nLamp\n",
        b"title,title\nLamp,Chair\n",
        b"title,hunter2\nLamp,x\n",
        b'title\n"' + b"x" * 2_000_000,
        b'title\n"' + b"\n" * 500_000,
    ],
)
async def test_a_file_that_is_none_of_items_fails_once_and_says_why(
    ada: Person, database: asyncpg.Connection, file: bytes
) -> None:
    job = await imported(ada, database, file)

    assert (job["status"], job["result"]) == ("failed", None)
    assert "line" in job["error"]
    assert "hunter2" not in job["error"]
    assert await database.fetchval("SELECT max(attempts) FROM procrastinate_jobs") == 1


@pytest.mark.no_worker
async def test_a_line_without_an_end_is_given_up_where_it_is_too_long(
    ada: Person, database: asyncpg.Connection, settings: Settings
) -> None:
    await ada.client.post("/items/import", content=b"title\n" + bytes(PART * 20), headers=CSV)

    async with statements() as seen, employed(settings):
        await settled(database)

    [job] = (await ada.client.get("/jobs")).json()["items"]
    assert (job["status"], job["error"]) == ("failed", "The row that begins in line 2 does not end.")
    assert len([text for text, _ in seen if "FROM upload_parts" in text]) <= 4


@pytest.mark.no_worker
async def test_an_account_keeps_few_files_and_those_that_wait_for_a_retry_make_room(
    ada: Person, bob: Person, database: asyncpg.Connection, settings: Settings
) -> None:
    async def send(person: Person) -> Response:
        return await person.client.post("/items/import", content=b"title\nLamp\n", headers=CSV)

    jobs = [(await send(ada)).json() for _ in range(MAX_FILES - 1)]
    async with database.transaction():  # so that both have begun before either has a place
        await database.execute("SELECT FROM users FOR UPDATE")
        both = [asyncio.create_task(send(ada)) for _ in range(2)]
        await until(lambda: blocked(database), 2)
    last = sorted(await asyncio.gather(*both), key=lambda answer: answer.status_code)
    problem = assert_problem(last[1], 503, "too-many-uploads")
    assert (last[0].status_code, (await send(bob)).status_code) == (202, 202)
    assert problem["detail"].startswith("Other files of yours")

    await ada.client.post(f"/jobs/{jobs[0]['id']}/cancel")
    assert (await send(ada)).status_code == 202
    assert (await ada.client.post(f"/jobs/{jobs[0]['id']}/retry")).status_code == 200
    async with employed(settings):
        await settled(database)

    failed = await state(ada, jobs[0])
    assert (failed["status"], failed["error"]) == ("failed", "The file was deleted. Upload it again.")
    assert len(await titles(ada)) == MAX_FILES


@pytest.mark.no_worker
async def test_what_was_not_received_whole_is_not_kept(
    database: asyncpg.Connection, database_url: str
) -> None:
    async def stored(table: str) -> int:
        return int(await database.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608 - ours

    async def is_arriving() -> bool:
        return await stored("upload_parts") > 0

    async def is_gone() -> bool:
        return await stored("uploads") == 0

    with serving(database_url) as server:
        async with server.client() as client:
            ada = await joined(client, "Ada")
            head = "POST /api/v1/items/import HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n"
            head += f"Authorization: {ada.client.headers['Authorization']}\r\nContent-Length: 9999999\r\n\r\n"
            _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
            writer.write(head.encode() + bytes(PART * 2))
            await eventually(is_arriving)
            writer.close()
            await eventually(is_gone)
            empty = await ada.client.post("/items/import", content=b"", headers=CSV)

    assert_problem(empty, 422, "empty-upload")
    assert await stored("uploads") == 0


async def test_other_media_types_and_empty_files_are_refused(
    ada: Person, database: asyncpg.Connection
) -> None:
    for media_type in ("application/json", "multipart/form-data; boundary=x", ""):
        answer = await ada.client.post("/items/import", content=b"x", headers={"Content-Type": media_type})

        assert_problem(answer, 415, "unsupported-media-type")
    assert_problem(await ada.client.post("/items/import", content=b"", headers=CSV), 422, "empty-upload")
    assert await database.fetchval("SELECT count(*) FROM jobs") == 0


async def test_a_file_may_be_larger_than_a_body_but_not_than_its_own_limit(
    ada: Person, database: asyncpg.Connection, settings: Settings
) -> None:
    large = b"title\n" + b"Lamp\n" * 300_000
    assert settings.http.max_body_bytes < len(large)

    too_large = await ada.client.post(
        "/items/import",
        content=b"x",
        headers=CSV | {"Content-Length": str(settings.http.max_upload_bytes + 1)},
    )

    assert_problem(too_large, 413, "content-too-large")
    answer = await ada.client.post("/items/import", content=large[:1_200_000], headers=CSV)
    assert answer.status_code == 202
    await ada.client.post(f"/jobs/{answer.json()['id']}/cancel")
    await settled(database)


async def test_a_repeated_import_with_the_same_key_is_the_first_job(
    ada: Person, database: asyncpg.Connection
) -> None:
    headers = CSV | {"Idempotency-Key": "k-1"}
    first, again = [
        await ada.client.post("/items/import", content=b"title\nLamp\n", headers=headers) for _ in range(2)
    ]
    await settled(database)

    assert (first.json()["id"], again.headers["idempotency-replayed"]) == (again.json()["id"], "true")
    assert await titles(ada) == ["Lamp"]


async def test_with_a_key_a_file_is_known_by_its_content_however_it_arrives(ada: Person) -> None:
    file = b"title\n" + b"Lamp\n" * (PART // 4)

    async def send(content: bytes | AsyncIterator[bytes]) -> Response:
        headers = CSV | {"Idempotency-Key": "k-1"}
        return await ada.client.post("/items/import", content=content, headers=headers)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(file), 99_999):
            yield file[start : start + 99_999]

    first = await send(file)
    await ada.client.post(f"/jobs/{first.json()['id']}/cancel")

    same = await send(in_pieces())
    assert (same.json()["id"], same.headers["idempotency-replayed"]) == (first.json()["id"], "true")
    for other in (file.replace(b"Lamp", b"Desk"), file[:-1], b""):
        assert_problem(await send(other), 422, "idempotency-key-reused")


@pytest.mark.no_worker
@pytest.mark.parametrize("kills", [2, pytest.param(4, marks=pytest.mark.faults)])
async def test_an_import_whose_workers_are_killed_adds_each_row_once(
    ada: Person, database: asyncpg.Connection, database_url: str, kills: int
) -> None:
    rows = 3_000 * kills
    file = io.StringIO()
    csv.writer(file).writerows([["title"], *([f"Lamp {number}"] for number in range(rows))])
    job = (await ada.client.post("/items/import", content=file.getvalue().encode(), headers=CSV)).json()

    async def position() -> int:
        return int(await database.fetchval("SELECT count(*) FROM items"))

    for number in range(1, kills + 1):
        with worker(database_url, APP):  # killed at the end of the block

            async def has_grown(rows: int = 500 * number) -> bool:
                return await position() >= rows or (await state(ada, job))["status"] == "succeeded"

            await eventually(has_grown)
    with worker(database_url, APP), worker(database_url, APP):
        async with asyncio.timeout(4 * PATIENCE):  # each attempt waits twice as long as the one before
            while (job := await state(ada, job))["status"] in {"queued", "running"}:  # noqa: ASYNC110 - workers change it
                await asyncio.sleep(0.1)

    assert (job["status"], job["result"]) == ("succeeded", {"created": rows, "failed": 0, "errors": []})
    assert await database.fetchval("SELECT count(DISTINCT title) FROM items") == rows
    assert await database.fetchval("SELECT count(*) FROM items") == rows


@pytest.mark.no_worker
async def test_two_workers_that_read_the_same_file_add_each_row_once(
    ada: Person, database: asyncpg.Connection, settings: Settings
) -> None:
    """As happens when one has been silent for so long that its job was given to another."""
    file = b"title\n" + b"".join(b"Lamp %d\n" % number for number in range(2000))
    job = (await ada.client.post("/items/import", content=file, headers=CSV)).json()
    async with open_database(settings) as opened:
        runs = [ImportRun(JobRun(opened, UUID(job["id"]))).work() for _ in range(2)]
        ends = await asyncio.gather(*runs, return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends) == ["JobStopped", "NoneType"]
    assert (await state(ada, job))["result"] == {"created": 2000, "failed": 0, "errors": []}
    assert await database.fetchval("SELECT count(*) FROM items") == 2000


async def state(person: Person, job: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = (await person.client.get(f"/jobs/{job['id']}")).json()
    return answer
