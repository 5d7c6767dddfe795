"""Cursors: positions in a list that a client carries for us and cannot change."""

import hashlib

from itsdangerous import BadData, URLSafeSerializer

from app.core.config import Settings
from app.core.errors import RuleBroken

MAX_LENGTH = 4096


class InvalidCursor(RuleBroken):
    """The cursor is not one we gave for this list, order and filters."""


class Cursors:
    """Signs positions and reads them back. A cursor of one list is worth nothing in another."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value()
        self._serializer = URLSafeSerializer(secret, signer_kwargs={"digest_method": hashlib.sha256})

    def sign(self, list_name: str, position: list[str]) -> str:
        """A cursor, safe in a URL."""
        return str(self._serializer.dumps(position, salt=f"cursor:{list_name}"))

    def read(self, list_name: str, cursor: str) -> list[str]:
        """The position that ``sign`` was given.

        Raises:
            InvalidCursor: it is changed, made up, or of another list.
        """
        try:
            position: list[str] = self._serializer.loads(cursor[:MAX_LENGTH], salt=f"cursor:{list_name}")
        except (BadData, UnicodeError) as error:
            raise InvalidCursor("The cursor is not one of this list.") from error
        return position
