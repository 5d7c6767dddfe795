"""What the pages of the admin UI may ask for. Optional: nothing else knows these names."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from app.core.admin_ui import Door
from app.core.errors import Forbidden, RuleBroken
from app.core.routing import SAFE
from app.dependencies.callers import admit
from app.dependencies.resources import Shared, ThisWork, Work, of_work
from app.dependencies.services import get_auth, get_batches, get_sessions
from app.models import User
from app.schemas.admin_ui import (
    Choice,
    Decision,
    DeliveryAction,
    ItemAction,
    ItemForm,
    JobAction,
    LoginFields,
    UserAction,
)
from app.schemas.audit_event import AuditParameters
from app.schemas.item import ItemParameters
from app.schemas.job import BatchStart, JobParameters, QueueJobParameters
from app.schemas.user import UserParameters
from app.schemas.webhook import DeliveryParameters, WebhookParameters
from app.services.admin_ui_service import AdminLogins, AdminReader

DONE, TOKEN = "done", "form_token"  # what pages tell the next one, and what forms carry beside their fields
Model = TypeVar("Model", bound=BaseModel)


class ForeignForm(Forbidden):
    """The form is none of ours, belongs to another login, or was sent from another site's page."""


class NothingChosen(RuleBroken):
    """No row was ticked."""


async def get_door(state: Shared) -> Door:
    """The door."""
    return Door(state["settings"])


TheDoor = Annotated[Door, Depends(get_door)]


async def check_login_form(request: Request, door: TheDoor) -> None:
    """Let a login form of ours through."""
    await check_form(request, door, door.stranger(request))


async def check_form(request: Request, door: Door, cookie: str) -> None:
    """Let a form through that was shown to the browser with this cookie.

    Raises:
        ForeignForm: anything else.
    """
    if not door.admits(request, (await request.form()).get(TOKEN), cookie):
        raise ForeignForm("The form has expired, or is none of ours. Go back, reload, and try again.")


LoginForm = Depends(check_login_form)


def get_logins(work: Work) -> AdminLogins:
    """Logins to the admin UI."""
    return AdminLogins(work.session, get_auth(work), get_sessions(work), work.audit)


Logins = Annotated[AdminLogins, of_work(get_logins)]


@dataclass(frozen=True, slots=True)
class Visit:
    """An administrator, and the page that they ask for."""

    admin: User
    session_id: UUID
    request: Request
    form_token: str


async def get_visit(request: Request, door: TheDoor, logins: Logins) -> Visit:
    """Who is asking, as they stand now; a change must come from a form of ours."""
    login = await logins.identify(door.holder(request))
    if request.method not in SAFE:
        await check_form(request, door, door.ticket(request))
    await admit(request, login.user)
    return Visit(login.user, login.session_id, request, door.form_token(door.ticket(request)))


AdminVisit = Annotated[Visit, Depends(get_visit)]


def get_reader(work: Work) -> AdminReader:
    """What only the admin UI reads."""
    return AdminReader(work.session, work.pager)


Reader = Annotated[AdminReader, of_work(get_reader)]


def asked(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """Query parameters as browsers send them: what is left empty is not asked for."""

    async def read(request: Request) -> Model:
        query = request.query_params
        given: dict[str, Any] = {name: value for name, value in query.items() if value and name != DONE}
        if issubclass(model, Choice):
            given["selected"] = query.getlist("selected")
            if not given["selected"]:
                raise NothingChosen("Tick at least one row first.")
        try:
            return model.model_validate(given)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            raise RequestValidationError(
                [{**each, "loc": ("query", *each["loc"])} for each in faults]
            ) from None

    return read


async def get_batch_start(request: Request, name: str, work: ThisWork) -> BatchStart:
    """The parameters of a batch job: texts, read as its schema says; its service checks them."""
    fields = get_batches(work).get(name).parameters.get("properties", {})
    form = {field: str(text) for field, text in (await request.form()).items() if text and field != TOKEN}
    return BatchStart({field: _read(text, fields.get(field, {})) for field, text in form.items()})


def _read(text: str, schema: dict[str, Any]) -> object:
    """A text that is not what the schema says stays one, and is refused as one."""
    if schema.get("type") in {None, "string"}:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


BatchForm = Annotated[BatchStart, Depends(get_batch_start)]
LoginInput = Annotated[LoginFields, Form()]
ItemInput = Annotated[ItemForm, Form()]
UserQuestion = Annotated[Choice[UserAction], Depends(asked(Choice[UserAction]))]
ItemQuestion = Annotated[Choice[ItemAction], Depends(asked(Choice[ItemAction]))]
JobQuestion = Annotated[Choice[JobAction], Depends(asked(Choice[JobAction]))]
DeliveryQuestion = Annotated[Choice[DeliveryAction], Depends(asked(Choice[DeliveryAction]))]
UserAnswer = Annotated[Decision[UserAction], Form()]
ItemAnswer = Annotated[Decision[ItemAction], Form()]
JobAnswer = Annotated[Decision[JobAction], Form()]
DeliveryAnswer = Annotated[Decision[DeliveryAction], Form()]
AskedUsers = Annotated[UserParameters, Depends(asked(UserParameters))]
AskedItems = Annotated[ItemParameters, Depends(asked(ItemParameters))]
AskedJobs = Annotated[JobParameters, Depends(asked(JobParameters))]
AskedQueue = Annotated[QueueJobParameters, Depends(asked(QueueJobParameters))]
AskedWebhooks = Annotated[WebhookParameters, Depends(asked(WebhookParameters))]
AskedDeliveries = Annotated[DeliveryParameters, Depends(asked(DeliveryParameters))]
AskedEvents = Annotated[AuditParameters, Depends(asked(AuditParameters))]
