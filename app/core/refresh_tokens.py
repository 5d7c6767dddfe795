"""Refresh tokens (RFC 9700, section 4.14)."""

import hmac

from app.core.config import Settings
from app.core.opaque_tokens import make_token

PREFIX = "swr_"


class RefreshTokens:
    """Makes refresh tokens and their successors."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value().encode()
        self._key = hmac.digest(secret, b"refresh-token-successor", "sha256")

    def first(self) -> str:
        """The first token of a family."""
        return make_token(PREFIX)

    def successor(self, token: str) -> str:
        """The token that follows this one.

        It is always the same, so that a client whose answer was lost may ask again and gets what it missed,
        while nobody without our key can tell it from the token before.
        """
        return PREFIX + hmac.digest(self._key, token.encode("utf-8", "surrogatepass"), "sha256").hex()
