"""Colours of a terminal, or none."""

import os
from dataclasses import dataclass
from typing import TextIO

CODES = {
    "red": "1;31",
    "yellow": "1;33",
    "green": "32",
    "blue": "1;34",
    "cyan": "36",
    "bold": "1",
    "dim": "2",
}


@dataclass(frozen=True)
class Style:
    """Paints, if there are colours."""

    colours: bool = False

    def __call__(self, text: str, colour: str) -> str:
        """The text in a colour."""
        return f"\x1b[{CODES[colour]}m{text}\x1b[0m" if self.colours and text else text

    def severity(self, text: str, severity: str) -> str:
        """The text in the colour of a severity."""
        return self(text, "red" if severity == "error" else "yellow")


def wants_colours(choice: str, stream: TextIO) -> bool:
    """What the option says, else the environment (NO_COLOR, FORCE_COLOR), else whether it is a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
