"""Rows and documents that are answered as they are, on whatever way they come."""

from pathlib import Path

import pytest

from packages.shipworthy.tests.snippets import APP, found

TABLE = (
    "from fastapi.encoders import jsonable_encoder\nfrom fastapi.responses import JSONResponse\n"
    "from sqlalchemy import select, text\nfrom sqlalchemy.orm import DeclarativeBase, Session\n"
    "class Base(DeclarativeBase): ...\nclass Item(Base):\n    __tablename__ = 'items'\n"
)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (("query = select(Item)\n    query = query.where(Item.a == 1).order_by(Item.a).offset(1).limit(1)\n"
         "    result = db.execute(query)\n    result = result.scalars().all()\n    return result"), True),
        ("items = []\n    for item in db.query(Item):\n        items.append(item)\n    return items", True),
        ("items = []\n    for item in db.query(Item):\n        items.append({'a': item.a})\n    return items",
         False),
        ("items = []\n    items += db.query(Item).all()\n    return items", True),
        ("total = 0\n    total += db.query(Item)\n    return total", False),
        ("item = Item()\n    db.add(item)\n    return {'a': db.execute('').scalar_one()}", False),
        ("return {'data': [{'item': item} for item in db.query(Item)]}", True),
        ("return [name for name in db.query(Item.name).all()]", False),
        ("return JSONResponse(content=jsonable_encoder(db.query(Item).all()))", True),
        ("return JSONResponse({'a': db.get(Item, 1).a})", False),
        ("return jsonable_encoder(db.get(Item, 1), exclude={'a'})", False),
        ("return db.get(Item, 1).__dict__", True),
        ("return Item.model_validate(item)", True),
        ("return Item.query.first()", True),
        ("return db.execute(select(Item)).all()[0][0]", True),
        ("return list(db.query(Item))[:10]", True),
        ("return db.get(Item, 1) if item else None", True),
        ("return None if item else db.get(Item, 1)", True),
        ("return db.get(Item, 1) or {}", True),
        ("item = db.get(Item, 1)\n    return item.get('a')", False),
        ("if (item := db.get(Item, 1)):\n        return (item, 1)", True),
    ],
)  # fmt: skip
def test_a_row_stays_one_through_loops_lists_and_dumps(body: str, told: object, tmp_path: Path) -> None:
    text = f"{TABLE}{APP}@app.get('/')\ndef read(item, db: Session):\n    {body}\n"

    assert bool(found(tmp_path, "SW205", main=text)) is told


@pytest.mark.parametrize(
    ("helper", "answer", "told"),
    [
        ("def wrap(data, code=0): return {'code': code, 'data': data}", "wrap(db.get(Item, 1))", True),
        ("def wrap(data, code=0): return {'code': code, 'data': data}", "wrap(data='')", False),
        ("def show(item): return {'a': item.a}", "show(db.get(Item, 1))", False),
        ("def of(db, model): return db.query(model).all()", "of(db, Item)", True),
        ("def of(db, model): return db.query(model).all()", "of(db, Other)", False),
        ("def page(db): return db.query(Item).all(), 3", "page(db)[0]", True),
        ("def page(db): return db.query(Item).all(), 3", "page(db)[1]", False),
        ("def page(db) -> tuple[list[Item], int]: ...", "page(db)[0]", True),
        ("def page(db) -> tuple[list[Item], int]: ...", "page(db)[1]", False),
        ("def page(db) -> list[Item]: ...", "page(db)[1]", True),
        ("def again(item): return again(item)", "again(1)", False),
    ],
)
def test_a_row_is_followed_through_what_is_passed(
    helper: str, answer: str, told: object, tmp_path: Path
) -> None:
    route = f"@app.get('/')\ndef read(db: Session):\n    return {answer}\n"

    assert bool(found(tmp_path, "SW205", main=f"{TABLE}class Other: ...\n{helper}\n{APP}{route}")) is told


CRUD = (
    "class Crud:\n    def __init__(self, model=None, db=None):\n        self.model = model\n"
    "    def read(self, db, key):\n        return db.query(self.model).filter_by(id=key).first()\n"
    "    def make(self, data):\n        made = self.model(**data)\n        return made\n"
    "    def again(self, db):\n        return self.read(db, 1)\n"
    "    def names(self):\n        return self.load(1)\n"
)


@pytest.mark.parametrize(
    ("made", "answer", "told"),
    [
        ("items = Crud(Item)", "items.read(db, 1)", True),
        ("items = Crud(model=Item)", "items.again(db)", True),
        ("items = Crud(Item)", "items.make({})", True),
        ("items = Crud(Item)", "items.names()", False),
        ("items = Crud(dict)", "items.read(db, 1)", False),
        ("class Items(Crud):\n    model = Item\nitems = Items()", "items.read(db, 1)", True),
        ("class Items(Crud['Item', int]): ...\nitems = Items()", "items.read(db, 1)", True),
        (("class Items(Crud):\n    def __init__(self, db):\n        super().__init__(Item, db)\n"
         "items = 1"), "Items(db).read(db, 1)", True),
        (("class Items(Crud):\n    def __init__(self, db):\n        super().__init__(Item, db)\n"
         "items = 1"), "own.read(db, 1)", True),
        ("read = Crud(Item).read", "read(db, 1)", False),
    ],
)  # fmt: skip
def test_the_object_of_a_generic_class_has_a_table_of_its_own(
    made: str, answer: str, told: object, tmp_path: Path
) -> None:
    own = "    own = Items(db)\n" if "own." in answer else ""
    route = f"@app.get('/')\ndef read_it(db: Session):\n{own}    return {answer}\n"

    assert bool(found(tmp_path, "SW205", main=f"{TABLE}{CRUD}{made}\n{APP}{route}")) is told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return await db.users.find_one({'a': 1})", True),
        ("return await self.db['users'].find_one({'a': 1})", True),
        ("return await db[USERS].find({}).sort('a', -1).to_list(10)", True),
        ("return await users_collection.find_one({'a': 1})", True),
        ("users = get_db().users\n    return await users.find_one({'a': 1})", True),
        ("users = other\n    return await users.find_one({'a': 1})", False),
        ("return await clients.find_one({'a': 1})", True),
        ("return await service.find_one({'a': 1})", False),
        ("return await db.users.find_one({'a': 1}, {'name': 1})", False),
        ("return await db.users.find_one({'a': 1}, projection={'name': 1})", False),
        ("return await db.users.find({'a': 1}, {'_id': 0}).to_list(9)", True),
        ("return await db.users.find_many(where={'a': 1})", True),
        ("return await db.users.delete({'a': 1})", False),
        ("return await store.users.find_many()", True),
        ("return await service.users.update(data=1)", False),
        ("return await service.update(data=1)", False),
        (
            "user = await db.users.find_one({})\n    user['id'] = str(user.pop('_id'))\n    return user",
            True,
        ),
        ("user = await db.users.find_one({'a': 1})\n    user.pop('password')\n    return user", False),
        ("user = await db.users.find_one({'a': 1})\n    del user['password']\n    return user", False),
        ("user = await db.users.find_one({'a': 1})\n    return {**user}", True),
        (
            "all = []\n    async for user in db.users.find():\n        all.append(user)\n    return all",
            True,
        ),
        ("user = await db.users.find_one({'a': 1})\n    return {'name': user['name']}", False),
    ],
)
def test_a_document_is_answered_with_all_that_is_in_it(body: str, told: object, tmp_path: Path) -> None:
    head = (
        "from prisma import Prisma\nfrom pymongo import MongoClient\nUSERS = 'users'\n"
        "clients = MongoClient()['a']['clients']\nstore = Prisma()\n"
    )
    text = f"{head}{APP}@app.get('/')\nasync def read(db, self, other):\n    {body}\n"

    assert bool(found(tmp_path, "SW205", main=text)) is told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("cur.execute('select * from users where a = 1')\n    return cur.fetchall()", True),
        ("cur.execute('select a, b from users')\n    return cur.fetchall()", False),
        ("cur.execute('select * from a')\n    cur.execute('select a from b')\n    return cur.fetchone()", 0),
        (("sql = 'SELECT u.* FROM public.users u'\n    cur.execute(sql)\n    rows = cur.fetchall()\n"
         "    return [dict(row) for row in rows]"), True),
        ("sql = other\n    cur.execute(sql)\n    return cur.fetchall()", False),
        ("return db.execute(text('select * from users')).fetchall()", True),
        ("return await conn.fetch(f'select * from users where a = {a}')", True),
        ("return await conn.fetch(f'{a}')", False),
        ("return await conn.fetch('select * from public.' + a)", False),
        ("return await conn.fetch()", False),
        ("return cur.fetchall()", False),
        ("cur.execute()\n    open(a)\n    return cur.fetchall()", False),
        ("return db.table('users').select('*').eq('a', 1).execute().data", True),
        ("answer = await db.from_('users').insert(a).execute()\n    return answer.data[0]", True),
        ("return db.table('users').select('a, b').execute().data", False),
        ("return db.table(a).select('*').execute().data", False),
        ("return other.data", False),
    ],
)  # fmt: skip
def test_a_row_of_a_driver_is_whole_where_its_statement_names_no_columns(
    body: str, told: object, tmp_path: Path
) -> None:
    route = f"@app.get('/')\nasync def read(db, cur, conn, a, other):\n    {body}\n"

    assert bool(found(tmp_path, "SW205", main=f"from sqlalchemy import text\n{APP}{route}")) is bool(told)


@pytest.mark.parametrize(
    ("options", "returns", "told"),
    [
        ("", "", True),
        (", status_code=204", "", False),
        (", response_model=None", "", True),
        ("", " -> list[dict]", True),
        ("", " -> JSONResponse", True),
        ("", " -> list", True),
        ("", " -> list[str]", False),
        ("", " -> Item", False),
    ],
)
def test_what_is_declared_may_let_everything_through(
    options: str, returns: str, told: object, tmp_path: Path
) -> None:
    route = f"@app.get('/'{options})\ndef read(db: Session){returns}:\n    return db.query(Item).all()\n"

    assert bool(found(tmp_path, "SW205", main=f"{TABLE}{APP}{route}")) is told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("await Item.create(name='a')", True),
        ("(await Item.get_or_create(name='a'))[0]", True),
        ("(await Item.get_or_create(name='a'))[1]", False),
        ("await Page(name='a').insert()", True),
        ("{'made': await Item.bulk_create([])}", False),
    ],
)
def test_a_record_that_makes_itself_is_a_row(answer: str, told: object, tmp_path: Path) -> None:
    text = (
        "from beanie import Document\nfrom tortoise.models import Model\nclass Item(Model): ...\n"
        f"class Page(Document): ...\n{APP}@app.post('/')\nasync def make():\n    return {answer}\n"
    )

    assert bool(found(tmp_path, "SW205", main=text)) is told
