"""Which POST creates, by what it does and not by what it is called only."""

from pathlib import Path

import pytest

from packages.shipworthy.tests.snippets import APP, found

HEAD = (
    "from beanie import Document\nfrom pydantic import BaseModel\nfrom tortoise.models import Model\n"
    "from sqlalchemy.orm import DeclarativeBase, Session\nclass Base(DeclarativeBase): ...\n"
    "class OrderEntry(Base):\n    __tablename__ = 'entries'\nclass Page(Document): ...\n"
    "class Line(Model): ...\nclass Answer(BaseModel):\n    status_code: int\n"
)
NEW = "entry = OrderEntry()\n    db.add(entry)\n    return entry"


@pytest.mark.parametrize(
    ("path", "name", "body", "told"),
    [
        ("/entries", "book", NEW, True),
        ("/orders/{key}/entries/{other}", "book", NEW, True),
        ("/entries/new", "add_entry", NEW, True),
        ("/entries/create", "book", NEW, True),
        ("/entries", "admin_create_entry", "return {}", True),
        ("/entries", "read_or_create_entry", "return {}", False),
        ("/orders/{key}/pay", "pay", NEW, False),
        ("/entries", "save_entry", NEW, False),
        ("/entries", "toggle_entry", NEW, False),
        ("/entries", "handle_webhook", NEW, False),
        ("/orders/import-entries", "take", NEW, False),
        ("/заказы", "book", NEW, False),
        ("/entries", "book", "db.add(OrderEntry.model_validate({}))\n    return {}", True),
        ("/entries", "book", "db.add(entry)\n    return {}", False),
        ("/entries", "book", "db.add(other(1))\n    return {}", False),
        ("/entries", "book", "entry = OrderEntry()\n    return entry", False),
        ("/entries", "book", f"db.delete(old)\n    {NEW}", False),
        (
            "/entries",
            "book",
            f"old = db.get(OrderEntry, 1)\n    if old:\n        raise Known\n    {NEW}",
            True,
        ),
        (
            "/entries",
            "book",
            f"old = db.get(OrderEntry, 1)\n    if old:\n        return old\n    {NEW}",
            False,
        ),
        ("/entries", "book", f"old = db.get(OrderEntry, 1)\n    old.latest = False\n    {NEW}", False),
        ("/entries", "book", f"old = db.get(OrderEntry, 1)\n    setattr(old, 'a', 1)\n    {NEW}", False),
        (
            "/entries",
            "book",
            "old = db.get(OrderEntry, 1)\n    if not old:\n        db.add(OrderEntry())",
            False,
        ),
        (
            "/entries",
            "book",
            "entry = db.get(OrderEntry, 1)\n    entry = OrderEntry()\n    db.add(entry)",
            False,
        ),
        ("/pages", "book", "page = Page()\n    await page.insert()\n    return page", True),
        ("/lines", "book", "line = await Line.create(a=1)\n    return {'id': line.id}", True),
        ("/lines", "book", "line = await service.create(a=1)\n    return line", False),
        ("/users", "book", "await db.users.insert_one({'a': 1})\n    return {}", True),
        ("/users", "book", "await service.insert_one({'a': 1})\n    return {}", False),
        ("/users", "book", "await db[1].insert_one({'a': 1})\n    return {}", False),
        ("/users", "book", "user = await db.users.create(data={})\n    return {'id': user.id}", True),
        ("/users", "book", "user = await db.users.create({})\n    return {'id': user.id}", False),
        ("/pages", "book", "page = Page()\n    await page.create()\n    return page", True),
        ("/entries", "book", "entry = OrderEntry()\n    entry.save()\n    return entry", False),
        ("/orders/{key}/list", "enter", NEW, False),
        ("/orders/{key}/list", "entry_now", NEW, True),
        ("/orders/entry", "entry_now", "return {}", False),
        ("/{key}", "book", NEW, False),
        ("/entries", "book", "return make(db)", True),
        ("/entries", "book", "made = await again(db)\n    return made", True),
        ("/entries", "book", "return loop(db)", False),
    ],
)
def test_who_adds_what_its_path_is_about_creates(
    path: str, name: str, body: str, told: object, tmp_path: Path
) -> None:
    helpers = (
        "def make(db):\n    made = OrderEntry()\n    db.add(made)\n    return made\n"
        "async def again(db):\n    return make(db)\ndef loop(db):\n    return loop(db)\n"
    )
    route = f"@app.post('{path}')\nasync def {name}(db: Session, old, entry, other, service):\n    {body}\n"

    assert bool(found(tmp_path, "SW202", main=f"{HEAD}{helpers}{APP}{route}")) is told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("Answer(status_code=201)", True),
        ("Response(status_code=201)", False),
        ("other(status_code=201)", False),
    ],
)
def test_a_field_that_is_called_a_status_is_none(answer: str, told: object, tmp_path: Path) -> None:
    head = f"from fastapi import Response\n{HEAD}{APP}"
    text = f"{head}@app.post('/items')\ndef create_item(other):\n    return {answer}\n"

    assert bool(found(tmp_path, "SW202", main=text)) is told


@pytest.mark.parametrize("path", ["entries", "classes", "boxes", "watches", "dishes", "news-items"])
def test_a_path_names_many_of_what_a_table_names_one(path: str, tmp_path: Path) -> None:
    name = {"entries": "Entry", "classes": "Class", "boxes": "Box", "watches": "Watch", "dishes": "Dish"}
    table = name.get(path, "Item")
    head = "from sqlalchemy.orm import DeclarativeBase\n"
    row = f"class {table}(DeclarativeBase):\n    __tablename__ = 'a'\n"
    text = f"{head}{row}{APP}@app.post('/{path}')\ndef book(db):\n    db.add({table}())\n    return {{}}\n"

    assert len(found(tmp_path, "SW202", main=text)) == 1


@pytest.mark.parametrize(
    ("helper", "told"),
    [
        ("def remove() -> None:\n    work()", True),
        ("def remove():\n    if a:\n        return None\n    return", True),
        ("def remove():\n    return inner()\ndef inner(): ...", True),
        ("def remove():\n    return True", False),
        ("def remove():\n    yield 1", False),
        ("class remove: ...", False),
        ("from elsewhere import remove", False),
    ],
)
def test_a_delete_answers_nothing_with_what_gives_nothing(helper: str, told: object, tmp_path: Path) -> None:
    text = f"{helper}\n{APP}@app.delete('/items/{{key}}')\ndef delete_item(key):\n    return remove()\n"

    assert bool(found(tmp_path, "SW202", main=text)) is told
