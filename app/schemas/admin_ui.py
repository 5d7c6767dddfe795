"""What the forms of the admin UI send. A browser sends texts, so types are read from them."""

from typing import Annotated, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

from app.core.passwords import MAX_LENGTH
from app.core.preconditions import EntityTags
from app.schemas.auth import LoginForm
from app.schemas.base import DIGITS, Parameters
from app.schemas.item import ItemCreate, PriceMinor, Tags

MAX_CHOSEN = 100  # as many as a page of a list shows
UserAction = Literal["disable", "enable", "promote", "demote", "end-sessions", "reset-second-factor"]
ItemAction = Literal["activate", "archive", "delete"]
JobAction = Literal["cancel", "retry"]
DeliveryAction = Literal["redeliver"]
Action = TypeVar("Action", bound=str)
Revision = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r'^[^"]+$')]


def _split(value: object) -> object:
    """Tags, as people write them: separated by commas."""
    text = value[0] if isinstance(value, list) and len(value) == 1 else value
    return [tag for tag in text.split(",") if tag.strip()] if isinstance(text, str) else value


class AdminForm(BaseModel):
    """A form of ours; a field that it does not have is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    form_token: SecretStr


class LoginFields(AdminForm):
    """Who wants to come in."""

    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=MAX_LENGTH)
    code: SecretStr | None = Field(None, max_length=64)

    @property
    def login(self) -> LoginForm:
        """The same as the API is sent."""
        return LoginForm(username=self.email, password=self.password, totp=self.code)


class ItemForm(ItemCreate):
    """Everything that an item should become, and of which version."""

    model_config = ConfigDict(strict=False)

    form_token: SecretStr
    revision: Revision
    tags: Annotated[Tags, BeforeValidator(_split)] = Field(default=[])
    price_minor: Annotated[PriceMinor, DIGITS] | None = None

    @property
    def expected(self) -> EntityTags:
        """The version that was on the page."""
        return EntityTags(strong=frozenset({self.revision}))

    @property
    def item(self) -> ItemCreate:
        """What the service takes."""
        return ItemCreate(**self.model_dump(exclude={"form_token", "revision"}))


class Chosen(BaseModel):
    """A row that was ticked, and the version that was shown with the question."""

    id: UUID
    revision: Revision

    @property
    def expected(self) -> EntityTags:
        """That version."""
        return EntityTags(strong=frozenset({self.revision}))


def _read_chosen(value: object) -> object:
    if not isinstance(value, str):
        return value
    row_id, _, revision = value.partition("@")
    return {"id": row_id, "revision": revision}


class Choice(Parameters, Generic[Action]):
    """What to do with the rows that were ticked; a question comes first."""

    selected: list[UUID] = Field(default=[], max_length=MAX_CHOSEN)
    action: Action


class Decision(AdminForm, Generic[Action]):
    """The question is answered: yes, for these rows in these versions."""

    selected: list[Annotated[Chosen, BeforeValidator(_read_chosen)]] = Field(
        min_length=1, max_length=MAX_CHOSEN
    )
    action: Action
