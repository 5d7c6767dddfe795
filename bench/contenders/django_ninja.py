"""Django Ninja on Django's ORM, served by gunicorn's threads: each keeps its connection."""

from typing import Any
from uuid import UUID

import django
import orjson
from django.contrib.postgres.fields import ArrayField
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer
from uuid_utils.compat import uuid7

from bench.contenders import shared

django.setup()


class User(models.Model):
    """A person who can log in."""

    id = models.UUIDField(primary_key=True)
    email = models.TextField()
    name = models.TextField()
    age = models.IntegerField(null=True)
    role = models.TextField()
    is_active = models.BooleanField()
    email_verified = models.BooleanField()
    two_factor = models.BooleanField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """A table of the service's."""

        app_label, db_table, managed = "bench", "users", False


class Item(models.Model):
    """A thing that a user keeps."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    owner = models.ForeignKey(User, on_delete=models.CASCADE)
    title = models.TextField()
    description = models.TextField(null=True)
    status = models.TextField()
    tags = ArrayField(models.TextField())
    price_minor = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """A table of the service's."""

        app_label, db_table, managed = "bench", "items", False


class Renderer(BaseRenderer):
    """orjson, as Ninja's documentation shows; Django's own encoder cuts times to milliseconds."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ANN401
        """The bytes of an answer."""
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class Bearer(HttpBearer):
    """Who is calling."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The account of the token."""
        user_id = shared.caller_of(token)
        return User.objects.filter(id=user_id, is_active=True).first() if user_id else None


api = NinjaAPI(renderer=Renderer(), docs_url=None)


@api.get("/health")
def get_health(request: HttpRequest) -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@api.get("/api/v1/users/me", response=shared.UserResponse, auth=Bearer())
def get_me(request: HttpRequest) -> User:
    """Read one's own account."""
    return request.auth


@api.get("/api/v1/items/{uuid:item_id}", response=shared.ItemResponse, auth=Bearer())
def get_item(request: HttpRequest, item_id: UUID) -> Item:
    """Read an item."""
    if item := Item.objects.filter(id=item_id, owner=request.auth).first():
        return item
    raise HttpError(404, "Item not found")


@api.get("/api/v1/items", response=shared.PageResponse, auth=Bearer())
def list_items(request: HttpRequest, limit: int = 20, cursor: str | None = None) -> dict[str, object]:
    """List one's own items."""
    rows = Item.objects.filter(owner=request.auth).order_by("-created_at", "-id")
    rows = rows.filter(TupleLessThan(("created_at", "id"), shared.position_of(cursor)))
    items = list(rows[: limit + 1])
    if len(items) <= limit:
        return {"items": items, "next_cursor": None}
    last = items[limit - 1]
    return {"items": items[:limit], "next_cursor": shared.cursor_of(last.created_at, last.id)}


@api.post("/api/v1/items", response={201: shared.ItemResponse}, auth=Bearer())
def create_item(request: HttpRequest, data: shared.ItemCreate) -> tuple[int, Item]:
    """Create an item."""
    return 201, Item.objects.create(owner=request.auth, **data.model_dump())


urlpatterns = [path("", api.urls)]
app = get_wsgi_application()
