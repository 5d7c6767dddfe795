"""One breaking change, as a person wants to read it."""

import json
from dataclasses import dataclass
from typing import Any

MAX_SHOWN = 200  # characters of a value


@dataclass(frozen=True, slots=True)
class Break:
    """Where, what it was, what it is now, and why a client stops working."""

    place: str
    old: Any
    new: Any
    why: str

    def __str__(self) -> str:
        return f"{self.place}\n  old: {_shown(self.old)}\n  new: {_shown(self.new)}\n  why: {self.why}"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=sorted)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " ..."
