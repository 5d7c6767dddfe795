"""The door of the admin UI: a cookie that names a session, and tokens that tie a form to the cookie."""

import hashlib
import secrets
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeSerializer

from app.core.config import Settings
from app.core.opaque_tokens import make_token
from app.core.tokens import Identity

AnyResponse = TypeVar("AnyResponse", bound=Response)
SESSION, FORM = "admin_ui:session", "admin_ui:form:"
MAX_LENGTH = 500  # a ticket has about 140 characters


class Door:
    """Reads and gives the cookie. Strangers get a random one, so that the login form has a token, too."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value()
        self._serializer = URLSafeSerializer(secret, signer_kwargs={"digest_method": hashlib.sha256})
        self._secure = settings.production  # a browser takes the prefix only over TLS
        self._name = "__Host-admin_ui" if settings.production else "admin_ui"

    def cookie(self, request: Request) -> str:
        """What the browser sent."""
        return request.cookies.get(self._name, "")[:MAX_LENGTH]

    def stranger(self) -> str:
        """A cookie for somebody who has not logged in."""
        return make_token()

    def give(self, response: AnyResponse, value: str) -> AnyResponse:
        """Set the cookie until the browser is closed; no other site's link or form brings it along."""
        response.set_cookie(self._name, value, secure=self._secure, httponly=True, samesite="strict")
        return response

    def ticket(self, identity: Identity) -> str:
        """A cookie for somebody who has logged in. The session's row decides whether it still opens."""
        return str(self._serializer.dumps([str(identity.user_id), str(identity.session_id)], salt=SESSION))

    def holder(self, request: Request) -> Identity | None:
        """Whose ticket the browser sent; ``None`` for anything that we did not sign."""
        try:
            user_id, session_id = self._serializer.loads(self.cookie(request), salt=SESSION)
            return Identity(user_id=UUID(user_id), session_id=UUID(session_id))
        except (BadData, UnicodeError):
            return None

    def form_token(self, cookie: str) -> str:
        """For the forms of a page, another on every page, so that no compression gives it away."""
        return str(self._serializer.dumps(secrets.token_urlsafe(9), salt=FORM + cookie))

    def admits(self, request: Request, token: object) -> bool:
        """Whether a form of ours, shown to this browser, was sent from one of our pages."""
        cookie = self.cookie(request)
        try:
            self._serializer.loads(str(token)[:MAX_LENGTH], salt=FORM + cookie)
        except (BadData, UnicodeError):
            return False
        return bool(cookie) and is_from_here(request)


def is_from_here(request: Request) -> bool:
    """Whether the browser says that one of our own pages sent the request; all browsers say something."""
    headers = request.headers
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")
