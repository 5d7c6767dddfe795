"""Access tokens: short-lived JWTs (RFC 9068) that name a session, checked as RFC 8725 asks."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from uuid_utils.compat import uuid7

from app.core.config import Settings

ALGORITHM = "HS256"
TYPE = "at+jwt"
AUDIENCE = ISSUER = "shipworthy"
CLAIMS = ["exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti"]
TYPES = {"exp": int, "iat": int, "nbf": int, "sub": str, "sid": str}  # PyJWT takes "1e9" for a number
MAX_LENGTH = 1024  # ours have about 400 characters
MAX_VERIFIED = 10_000  # tokens whose signature is remembered; about 6 MB


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom an access token speaks for, and the login it came from."""

    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Issues and reads access tokens."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.secret_key.get_secret_value()
        # A signature that was right stays right, until the token expires; its session is looked at again.
        self._verified: dict[str, tuple[Identity, int]] = {}
        self.lifetime = timedelta(minutes=settings.auth.access_token_minutes)

    def issue(self, identity: Identity) -> str:
        """Sign a token that lives for ``lifetime``."""
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(identity.user_id),
            "sid": str(identity.session_id),
            "jti": str(uuid7()),
            "iat": now,
            "nbf": now,
            "exp": now + self.lifetime,
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"typ": TYPE})

    def read(self, token: str) -> Identity | None:
        """Whom the token speaks for; ``None`` for anything but a valid token of ours."""
        identity, expiry = self._verified.get(token, (None, 0))
        if time.time() < expiry:
            return identity
        if len(token) > MAX_LENGTH or not token.isascii():
            return None
        try:
            identity, expiry = self._read(token)
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
            return None
        if len(self._verified) >= MAX_VERIFIED:
            self._verified.pop(next(iter(self._verified)))
        self._verified[token] = identity, expiry
        return identity

    def _read(self, token: str) -> tuple[Identity, int]:
        options: Any = {"require": CLAIMS, "enforce_minimum_key_length": True}
        decoded = jwt.decode_complete(
            token, self._key, [ALGORITHM], options=options, audience=AUDIENCE, issuer=ISSUER
        )
        claims = decoded["payload"]
        exact = all(type(claims[name]) is kind for name, kind in TYPES.items())
        if decoded["header"].get("typ") != TYPE or not exact:
            raise jwt.InvalidTokenError
        identity = Identity(user_id=UUID(claims["sub"]), session_id=UUID(claims["sid"]))
        return identity, claims["exp"]
