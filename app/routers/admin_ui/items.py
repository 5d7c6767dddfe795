"""Items."""

from uuid import UUID

from fastapi import Response

from app.core.preconditions import VersionChanged
from app.core.problems import problems
from app.dependencies import Items
from app.dependencies.admin_ui import AdminVisit, AskedItems, ItemAnswer, ItemInput, ItemQuestion, Reader
from app.models import User
from app.routers.admin_ui.pages import Pages, go, show
from app.routers.admin_ui.questions import Deed, Thing, ask
from app.schemas.admin_ui import Chosen
from app.schemas.item import ItemUpdate
from app.services.item_service import ItemNotFound, ItemService

router = Pages("/items")
DEEDS = {
    "activate": Deed("Activate", "Their status becomes active."),
    "archive": Deed("Archive", "Their status becomes archived."),
    "delete": Deed("Delete", "They are gone for good, and their owners' webhooks hear of it.", is_grave=True),
}
CHANGES = {"activate": ItemUpdate(status="active"), "archive": ItemUpdate(status="archived")}


@router.get("")
async def show_items(visit: AdminVisit, items: Items, asked: AskedItems, reader: Reader) -> Response:
    """Everybody's items."""
    page = await items.page(visit.admin, asked)
    people = await reader.emails(item.owner_id for item in page.items)
    return show(visit, "items.html", page=page, people=people, deeds=DEEDS, sort=asked.sort)


@router.get("/question")
async def ask_about_items(visit: AdminVisit, items: Items, question: ItemQuestion) -> Response:
    """Ask first."""
    chosen = [await items.get(visit.admin, item_id) for item_id in question.selected]
    things = [Thing(item.id, item.title, item) for item in chosen]
    return ask(visit, question.action, DEEDS[question.action], things, "/items")


@router.post("/question", responses=problems(ItemNotFound, VersionChanged))
async def change_items(visit: AdminVisit, items: Items, answer: ItemAnswer) -> Response:
    """The answer was yes: all of them or, if one has changed meanwhile, none."""
    for chosen in answer.selected:
        await act(items, visit.admin, answer.action, chosen)
    return go("/items", answer.action)


@router.get("/{item_id}")
async def show_item(item_id: UUID, visit: AdminVisit, items: Items, reader: Reader) -> Response:
    """One item."""
    item = await items.get(visit.admin, item_id)
    return show(visit, "item.html", item=item, deeds=DEEDS, people=await reader.emails([item.owner_id]))


@router.post("/{item_id}", responses=problems(ItemNotFound, VersionChanged))
async def save_item(item_id: UUID, visit: AdminVisit, items: Items, form: ItemInput) -> Response:
    """Change it, if it is still the version that was on the page."""
    await items.update(visit.admin, item_id, form.item, form.expected)
    return go(f"/items/{item_id}", "saved")


async def act(items: ItemService, admin: User, action: str, chosen: Chosen) -> None:
    """Do it to one of them."""
    if action == "delete":
        await items.delete(admin, chosen.id, chosen.expected)
    else:
        await items.update(admin, chosen.id, CHANGES[action], chosen.expected)
