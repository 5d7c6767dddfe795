"""Refresh tokens: opaque, 256 bits, known to the database only as hashes (RFC 9700, section 4.14)."""

import hashlib
import hmac
import secrets

from app.core.config import Settings

PREFIX = "swr_"  # so that secret scanners recognise a leaked one


class RefreshTokens:
    """Makes refresh tokens and their successors."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value().encode()
        self._key = hmac.digest(secret, b"refresh-token-successor", "sha256")

    def first(self) -> str:
        """The first token of a family."""
        return PREFIX + secrets.token_urlsafe(32)

    def successor(self, token: str) -> str:
        """The token that follows this one.

        It is always the same, so that a client whose answer was lost may ask again and gets what it missed,
        while nobody without our key can tell it from the token before.
        """
        return PREFIX + hmac.new(self._key, token.encode(), hashlib.sha256).hexdigest()


def fingerprint(token: str) -> bytes:
    """What is stored. A token has 256 random bits, so that a plain hash cannot be searched."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
