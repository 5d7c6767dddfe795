"""Recovery codes: made to be written down, read as people type them."""

import base64
import re
import secrets

BYTES = 15  # more than 112 bits, so that a plain hash will do (ASVS 6.5.2)


def make_recovery_code() -> str:
    """A code in groups of six."""
    letters = base64.b32encode(secrets.token_bytes(BYTES)).decode().lower()
    return "-".join(re.findall(".{6}", letters))


def plain(code: str) -> str:
    """What was typed, in groups or not, in any case."""
    return re.sub(r"[\s-]", "", code).lower()
