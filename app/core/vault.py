"""Secrets that must be read again, unlike passwords: encrypted in the database."""

import base64
import logging
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.config import Settings

NONCE_BYTES = 12
logger = logging.getLogger("app.vault")


class Vault:
    """AES-256-GCM with a key derived from ``APP_SECRET_KEY``: a copy of the database opens nothing."""

    def __init__(self, settings: Settings) -> None:
        key = HKDF(SHA256(), length=32, salt=None, info=b"vault")
        self._cipher = AESGCM(key.derive(settings.secret_key.get_secret_value().encode()))

    def seal(self, secret: str, owner: str) -> bytes:
        """Encrypt a secret. It opens only for this owner, so that rows cannot be swapped."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, owner: str) -> str | None:
        """The secret; ``None`` if it was changed, is somebody else's or was sealed with another key."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError):
            logger.exception("a sealed secret does not open: was APP_SECRET_KEY changed?")
            return None
        return plain.decode()

    def conceal(self, text: str, use: str) -> str:
        """Personal data for the arguments of a job, which whoever reads the queue must not read."""
        return base64.b64encode(self.seal(text, use)).decode()

    def reveal(self, concealed: str, use: str) -> str | None:
        """What was concealed for this use; ``None`` if it no longer opens."""
        return self.open(base64.b64decode(concealed), use)
