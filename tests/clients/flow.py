"""What a user of the generated Python client writes. Run by test_clients.py with the service's address."""

import sys
from io import BytesIO

from shipworthy_client import AuthenticatedClient, Client
from shipworthy_client.api.api_keys import create_api_key
from shipworthy_client.api.auth import create_token
from shipworthy_client.api.items import (
    create_item,
    delete_item,
    get_item,
    import_items,
    list_items,
    update_item,
)
from shipworthy_client.api.users import create_user
from shipworthy_client.models import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyCreateScopesItem,
    ItemCreate,
    ItemResponse,
    ItemUpdate,
    JobResponse,
    LoginForm,
    PageItemResponse,
    Problem,
    Token,
    UserCreate,
    UserResponse,
)
from shipworthy_client.types import File

URL, EMAIL, PASSWORD = sys.argv[1:]
anonymous = Client(base_url=URL)
user = create_user.sync(client=anonymous, body=UserCreate(email=EMAIL, password=PASSWORD, name="Ada"))
assert isinstance(user, UserResponse), user
token = create_token.sync(client=anonymous, body=LoginForm(username=EMAIL, password=PASSWORD))
assert isinstance(token, Token), token
ada = AuthenticatedClient(base_url=URL, token=token.access_token)

for title in ("Lamp", "Chair"):
    assert isinstance(create_item.sync(client=ada, body=ItemCreate(title=title)), ItemResponse)
item = create_item.sync(client=ada, body=ItemCreate(title="Table"))
assert isinstance(item, ItemResponse), item

titles: list[str] = []
page = list_items.sync(client=ada, limit=2)
assert isinstance(page, PageItemResponse), page
titles += [each.title for each in page.items]
assert page.next_cursor is not None
page = list_items.sync(client=ada, limit=2, cursor=page.next_cursor)
assert isinstance(page, PageItemResponse), page
titles += [each.title for each in page.items]
assert titles == ["Table", "Chair", "Lamp"], titles

lines = import_items.sync(client=ada, body=File(BytesIO(b'{"title": "Sofa"}\n')))
assert isinstance(lines, JobResponse), lines
# What the generated function would send as JSON Lines, as it does every file.
csv = ada.get_httpx_client().post(
    "/api/v1/items/import", content=b"title\nBench\n", headers={"Content-Type": "text/csv"}
)
assert csv.status_code == 202, csv.text

stale = update_item.sync(item.id, client=ada, body=ItemUpdate(title="Desk"), if_match='"7"')
assert isinstance(stale, Problem), stale
assert stale.type_ == "urn:problem:version-changed"
changed = update_item.sync(item.id, client=ada, body=ItemUpdate(title="Desk"), if_match='"1"')
assert isinstance(changed, ItemResponse), changed
assert changed.title == "Desk"

key = create_api_key.sync(
    client=ada, body=ApiKeyCreate(name="Read", scopes=[ApiKeyCreateScopesItem.ITEMSREAD])
)
assert isinstance(key, ApiKeyCreated), key
reader = AuthenticatedClient(base_url=URL, token=key.key)
assert isinstance(get_item.sync(item.id, client=reader), ItemResponse)
refused = delete_item.sync(item.id, client=reader, if_match="*")
assert isinstance(refused, Problem), refused
assert refused.type_ == "urn:problem:insufficient-scope"

assert delete_item.sync_detailed(item.id, client=ada, if_match="*").status_code == 204
missing = get_item.sync(item.id, client=ada)
assert isinstance(missing, Problem), missing
assert (missing.status, missing.type_) == (404, "urn:problem:item-not-found")
