"""What cannot be taken back, or is done to many at once, is asked about first."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Response

from app.core.preconditions import Versioned
from app.dependencies.admin_ui import Visit
from app.routers.admin_ui.pages import show


@dataclass(frozen=True)
class Deed:
    """What a button does: its label, what it means for those concerned, and whether it can be undone."""

    verb: str
    meaning: str
    is_grave: bool = False


@dataclass(frozen=True)
class Thing:
    """A row that a question is about."""

    id: object
    label: str
    row: Versioned

    @property
    def value(self) -> str:
        """The row and its version, as the answer names them."""
        return f"{self.id}@{self.row.revision}"


def ask(visit: Visit, action: str, deed: Deed, things: Iterable[Thing], back: str) -> Response:
    """The question, with the rows as they are now: the answer holds for these versions."""
    chosen = list(things)
    return show(visit, "question.html", action=action, deed=deed, things=chosen, back=back)
