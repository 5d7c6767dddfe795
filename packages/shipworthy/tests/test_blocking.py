"""What blocks the event loop, what only seems to, and what is asynchronous in vain."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from shipworthy.check import catalogue
from shipworthy.check.project import read

from packages.shipworthy.tests.snippets import APP, READ, WORK, found

STORES = """
import time
from abc import ABC, abstractmethod
class Store(ABC):
    @abstractmethod
    def load(self): ...
class Disk(Store):
    def load(self):
        time.sleep(1)
class Cloud(Store):
    def load(self):
        time.sleep(2)
"""
MIXED = STORES.replace("time.sleep(1)", "return {}")
EARLY = """
made = None
def get():
    global made
    if made is not None:
        return made
    made = work()
    return made
"""
KEPT = """
made = {}
def get(key):
    kept = made.get(key)
    if kept is None:
        kept = work()
        made[key] = kept
    return kept
"""
OPENED = """
class Pool:
    kept = None
    def take(self):
        if self.kept is None:
            self.open()
        return self.kept
    def open(self):
        self.kept = work()
"""
AROUND = """
from redis import Redis
class Cache:
    def __init__(self):
        self.redis = Redis()
def cached(seconds):
    def decorator(func):
        async def wrapper(self, *args):
            return self.cache.redis.get('a') or await func(self, *args)
        return wrapper
    return decorator
def counted(func):
    async def wrapper(*args):
        Redis().incr('a')
        return await func(*args)
    def plain(*args):
        return func(*args)
    if asyncio.iscoroutinefunction(func):
        return wrapper
    return plain
def named(func):
    async def wrapper(*args):
        return await func(*args)
    return wrapper
class Items:
    def __init__(self):
        self.cache = Cache()
    @cached(5)
    async def load(self): return 1
    @counted
    async def count(self): return 1
    @counted
    def total(self): return 1
    @named
    async def name(self): return 1
"""
PEEWEE = "import peewee\nclass Item(peewee.Model):\n    name = peewee.CharField()\n"
STORE = """
import time
from typing import Protocol
class Store(Protocol):
    def load(self, name): ...
class Shelf:
    def __init__(self, store: Store) -> None:
        self.store = store
    def take(self):
        return self.store.load('a')
"""
CLIENT = "from redis import Redis\ntry:\n    client = Redis()\nexcept OSError:\n    client = None\n"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("from shop.lazy import work", "work()"),
        ("from shop import load", "load()"),
        ("from shop.stores import Store", "store: Store = make()\n    store.load()"),
        ("from shop.mixed import current", "current().load()"),
        ("from shop.rows import Item", "list(Item.select().where(Item.name == 'a'))"),
        ("from shop.rows import Item", "rows: list[Item] = Item.select()\n    names = [a for a in rows]"),
        ("from shop.rows import Item", "names = [each.name for each in Item.select()]"),
        ("from shop.lives import Life", "Life().age"),
        ("from shop.stores import Disk\nclass Many[T](Disk): ...", "Many[int]().load()"),
        ("from shop.cloud import bucket", "bucket().blob('a').upload_from_string('')"),
        ("from firebase_admin import firestore",
         "query = firestore.client().collection('a').where('b', '==', 1).limit(2)\n    query.stream()"),
        ("from supabase import Client, create_client\nclient: Client = create_client('', '')",
         "client.storage.from_('a').upload('b', b'')"),
        ("from langchain_openai import ChatOpenAI\nfrom langchain_core.prompts import PromptTemplate",
         "(PromptTemplate() | ChatOpenAI()).invoke({})"),
        ("from celery import Celery\nqueue = Celery()", "queue.control.inspect().ping()"),
    ],
)  # fmt: skip
def test_what_blocks_is_reached(head: str, body: str, tmp_path: Path) -> None:
    files = {
        "shop__in____init__": "from .load import load\n",
        "shop__in__load": WORK.replace("work", "load"),
        "shop__in__work": WORK,
        "shop__in__lazy": "def __getattr__(name):\n    from shop.work import work as w\n    return w\n",
        "shop__in__stores": STORES,
        "shop__in__mixed": f"{MIXED}kept: Store | None = None\ndef current() -> Store:\n    global kept\n"
        "    kept = Cloud()\n    return kept\n",
        "shop__in__rows": PEEWEE,
        "shop__in__lives": f"{WORK}class Life:\n    @property\n    def age(self):\n        work()\n",
        "shop__in__cloud": "from google.cloud import storage\ndef bucket():\n"
        "    return storage.Client().bucket('a')\n",
        "main": f"{head}\n{READ}    {body}\n    return ''\n",
    }

    assert len(found(tmp_path, "SW101", **files)) == 1


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
def test_a_client_blocks_however_it_was_made_or_annotated(head: str, body: str, tmp_path: Path) -> None:
    assert len(found(tmp_path, "SW101", main=f"{head}\n{READ}    {body}\n    return ''\n")) == 1


@pytest.mark.parametrize(
    ("head", "body", "told"),
    [
        ("import bcrypt", "bcrypt.checkpw(b'', b'')", True),
        ("import hashlib", "hashlib.pbkdf2_hmac('sha256', b'', b'', 600_000)", True),
        ("from passlib.context import CryptContext\nhasher = CryptContext()", "hasher.verify('', '')", True),
        ("import hashlib", "hashlib.sha256(b'')", False),
    ],
)
def test_to_hash_a_password_is_to_block(head: str, body: str, told: object, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "SW101", main=f"{head}\n{READ}    {body}\n    return ''\n")) is told


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (MIXED, "store: Store = make()\n    store.load()"),
        (f"{WORK}made = {{}}\ndef get(a):\n    if a not in made:\n        made[a] = work()\n", "get(1)"),
        (f"{WORK}{EARLY}", "get()"),
        (f"{WORK}{KEPT}", "get(1)"),
        (f"{WORK}{OPENED}", "Pool().take()"),
        (PEEWEE, "Item.select().where(Item.name == 'a').limit(2)"),
        ("from firebase_admin import firestore", "firestore.client().collection('a').where('b', '==', 1)"),
        ("from google.cloud import firestore",
         "await firestore.AsyncClient().collection('a').document('b').get()"),
        ("from langchain_openai import ChatOpenAI", "await ChatOpenAI().ainvoke('')"),
    ],
)  # fmt: skip
def test_what_does_not_block_or_only_once_is_left_alone(head: str, body: str, tmp_path: Path) -> None:
    assert found(tmp_path, "SW101", main=f"{head}\n{READ}    {body}\n    return ''\n") == []


@pytest.mark.parametrize(("target", "told"), [("io.BytesIO()", False), ("'a.xlsx'", True)])
def test_what_is_written_into_memory_waits_for_nothing(target: str, told: object, tmp_path: Path) -> None:
    text = (
        f"import io\nimport pandas as pd\n{READ}    with pd.ExcelWriter({target}) as writer:\n"
        "        pd.read_csv(io.StringIO()).to_excel(writer)\n    return ''\n"
    )

    assert bool(found(tmp_path, "SW101", main=text)) is told


def test_the_call_that_waits_is_told_and_not_what_is_made_of_its_answer(tmp_path: Path) -> None:
    head = "from firebase_admin import firestore\n"
    body = "return firestore.client().collection('a').document('b').get().to_dict().get('c')"

    [message] = found(tmp_path, "SW101", main=f"{head}{READ}    {body}\n")

    assert "document().get`" in message


def test_a_module_that_imports_late_keeps_what_else_it_does(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text("def __getattr__(name):\n    global kept\n    kept = name\n")

    project = read([tmp_path])

    assert "late.__getattr__" in project.functions
    assert project.sources["late"].globals == {"kept": ["__getattr__"]}


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("def load(self, name):\n        time.sleep(1)", True),
        ("def load(self, path):\n        time.sleep(1)", False),
        ("async def load(self, name):\n        time.sleep(1)", False),
    ],
)
def test_a_class_follows_a_protocol_without_naming_it(method: str, told: object, tmp_path: Path) -> None:
    text = f"{STORE}class Disk:\n    {method}\n{READ}    return Shelf(object()).take()\n"

    assert bool(found(tmp_path, "SW101", main=text)) is told


def test_what_a_factory_says_it_gives_is_the_class_that_follows_the_protocol(tmp_path: Path) -> None:
    text = f"{STORE}class Disk:\n    size: str = 'a'\n    def load(self, name):\n        return name\n"
    cloud = "class Cloud:\n    def load(self, name):\n        time.sleep(1)\n"
    make = "def make() -> Store:\n    return Cloud()\n"

    assert len(found(tmp_path, "SW101", main=f"{text}{cloud}{make}{READ}    return make().load('a')\n")) == 1


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


@pytest.mark.parametrize(("decorator", "advice"), [("@lru_cache", "call it from one"), ("", "make it")])
def test_what_is_remembered_cannot_be_made_async(decorator: str, advice: str, tmp_path: Path) -> None:
    text = (
        f"from functools import lru_cache\n{APP}class Store: ...\n{decorator}\n"
        "def make():\n    return Store()\n"
        "@app.get('/')\nasync def read(store=Depends(make)) -> str:\n    return ''\n"
    )

    [message] = found(tmp_path, "SW103", main=text)

    assert advice in message


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


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("await Items().load()", True),
        ("await Items().count()", True),
        ("Items().total()", False),
        ("await Items().name()", False),
    ],
)
def test_a_decorator_runs_what_it_puts_around_a_function(body: str, told: object, tmp_path: Path) -> None:
    text = f"import asyncio\n{AROUND}{READ}    {body}\n    return ''\n"

    assert bool(found(tmp_path, "SW101", main=text)) is told


def test_a_decorator_of_a_route_runs_for_each_request(tmp_path: Path) -> None:
    route = READ.replace("async def", "@counted\nasync def")

    assert len(found(tmp_path, "SW101", main=f"import asyncio\n{AROUND}{route}    return ''\n")) == 1
    assert found(tmp_path, "SW101", main=f"import asyncio\n{AROUND}{READ}    return ''\n") == []


@pytest.mark.parametrize(
    ("head", "body", "advice"),
    [
        ("from sqlalchemy.orm import Session", "Session().query(1)", "AsyncSession.execute`"),
        (
            "from sqlmodel import Session",
            "Session().exec(1)",
            "sqlmodel.ext.asyncio.session.AsyncSession.exec`",
        ),
        ("from langchain_chroma import Chroma", "Chroma().add_documents([])", "`aadd_documents`"),
        ("from langchain_chroma import Chroma", "Chroma()._collection.delete([])", "AsyncHttpClient.delete`"),
    ],
)
def test_what_is_to_be_awaited_instead_exists(head: str, body: str, advice: str, tmp_path: Path) -> None:
    [message] = found(tmp_path, "SW101", main=f"{head}\n{READ}    {body}\n    return ''\n")

    assert advice in message


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("import mercadopago\nsdk = mercadopago.SDK('')", "sdk.preference().create({})"),
        ("import braintree", "braintree.Transaction.sale({})"),
        (
            "import braintree\ngateway = braintree.BraintreeGateway(braintree.Configuration())",
            "gateway.client_token.generate({})",
        ),
        ("import paypalrestsdk", "paypalrestsdk.Payment({}).create()"),
        ("import paypalrestsdk", "paypalrestsdk.Payment.find('')"),
        ("from square import Square\nclient = Square(token='')", "client.payments.create(source_id='')"),
        ("import midtransclient\nsnap = midtransclient.Snap()", "snap.create_transaction({})"),
        ("from mollie.api.client import Client\nmollie = Client()", "mollie.payments.create({})"),
        (
            "from plaid.api import plaid_api\nplaid = plaid_api.PlaidApi(1)",
            "plaid.item_public_token_exchange(1)",
        ),
        ("import africastalking\nsms = africastalking.SMS", "sms.send('', [])"),
        ("from discord_webhook import DiscordWebhook", "DiscordWebhook(url='').execute()"),
        ("import square\nclient = square.client.Client()", "client.payments.create_payment({})"),
        ("import gocardless_pro\nclient = gocardless_pro.Client()", "client.payments.create({})"),
        ("import Adyen\nadyen = Adyen.Adyen()", "adyen.checkout.payments_api.payments({})"),
        ("import iyzipay", "iyzipay.CheckoutFormInitialize().create({}, {})"),
        ("from paystackapi.transaction import Transaction", "Transaction.initialize(amount=1)"),
        ("from vonage import Vonage\nclient = Vonage()", "client.sms.send({})"),
        ("import plivo\nclient = plivo.RestClient()", "client.messages.create(src='')"),
        ("import messagebird\nclient = messagebird.Client('')", "client.message_create('', [], '')"),
        ("import yagmail", "yagmail.SMTP('').send('')"),
        ("from redmail import EmailSender\nmail = EmailSender('', 0)", "mail.send(subject='')"),
        ("from mailjet_rest import Client\nmailjet = Client()", "mailjet.send.create(data={})"),
        ("import tls_client", "tls_client.Session().get('')"),
        ("from requests_html import HTMLSession", "HTMLSession().get('')"),
        ("import pycurl", "pycurl.Curl().perform()"),
        ("from pytube import YouTube", "YouTube('').streams.get_highest_resolution().download()"),
        ("from curl_cffi import requests", "requests.get('')"),
        ("import httplib2", "httplib2.Http().request('')"),
        ("import typesense\nclient = typesense.Client({})", "client.collections['a'].documents.search({})"),
        ("import dropbox\nbox = dropbox.Dropbox('')", "box.files_upload(b'', '')"),
    ],
)
def test_clients_of_services_wait_for_the_network(head: str, call: str, tmp_path: Path) -> None:
    assert len(found(tmp_path, "SW101", main=f"{head}\n{READ}    {call}\n    return ''\n")) == 1


@pytest.mark.parametrize("table", ["FUNCTIONS", "METHODS", "MADE"])
def test_a_library_is_in_the_catalogue_once(table: str) -> None:
    modules = [
        import_module(f"{catalogue.__name__}.{each.name}") for each in iter_modules(catalogue.__path__)
    ]
    names = Counter(name for module in modules for name in getattr(module, table, ()))

    assert [name for name, number in names.items() if number > 1] == []
