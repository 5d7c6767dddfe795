"""Signatures as Standard Webhooks 1.0.0 wants them."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from standardwebhooks import Webhook as Signer

PREFIX = "whsec_"
SECRET_BYTES = 32  # of the 24 to 64 that the specification allows


def make_secret() -> str:
    """A secret for one endpoint."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(keys: Iterable[str], message_id: str, moment: datetime, body: str) -> Mapping[str, str]:
    """What a receiver verifies a body with: a signature by each key, so that it may know either."""
    signatures = [Signer(key).sign(message_id, moment, body) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
