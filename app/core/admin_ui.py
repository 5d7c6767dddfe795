"""The door of the admin UI: a cookie that names a session, and tokens that tie a form to the cookie."""

import hashlib
import secrets
from typing import TypeVar
from uuid import UUID

from fastapi import Request, Response
from itsdangerous import BadData, URLSafeSerializer

from app.core.config import Settings
from app.core.tokens import Identity

AnyResponse = TypeVar("AnyResponse", bound=Response)
SESSION, FORM = "admin_ui:session", "admin_ui:form:"
MAX_LENGTH = 500  # a ticket has about 140 characters


class Door:
    """Gives and reads two cookies: the ticket of who has logged in, and a stranger's, for the login form.

    Two, as a link from elsewhere brings no cookie along: the login page that answers it must not replace the
    ticket that the browser has all the same.
    """

    def __init__(self, settings: Settings) -> None:
        secret = settings.secret_key.get_secret_value()
        self._serializer = URLSafeSerializer(secret, signer_kwargs={"digest_method": hashlib.sha256})
        self._secure = settings.production
        prefix = "__Host-" if self._secure else ""  # which a browser takes only over TLS
        self._ticket, self._stranger = f"{prefix}admin_ui", f"{prefix}admin_ui_stranger"

    def ticket(self, request: Request) -> str:
        """What the browser sent as its ticket."""
        return request.cookies.get(self._ticket, "")[:MAX_LENGTH]

    def stranger(self, request: Request) -> str:
        """What tells this browser from others before anybody logs in with it."""
        return request.cookies.get(self._stranger, "")[:MAX_LENGTH]

    def holder(self, request: Request) -> Identity | None:
        """Whose ticket the browser sent; ``None`` for anything that we did not sign."""
        try:
            user_id, session_id = self._serializer.loads(self.ticket(request), salt=SESSION)
            return Identity(user_id=UUID(user_id), session_id=UUID(session_id))
        except (BadData, UnicodeError):
            return None

    def let_in(self, response: AnyResponse, identity: Identity) -> AnyResponse:
        """Give a ticket. The session's row decides, at every request, whether it still opens."""
        ids = [str(identity.user_id), str(identity.session_id)]
        return self._give(response, self._ticket, str(self._serializer.dumps(ids, salt=SESSION)))

    def let_out(self, response: AnyResponse) -> AnyResponse:
        """Take the ticket."""
        response.delete_cookie(self._ticket, secure=self._secure, httponly=True, samesite="strict")
        return response

    def greet(self, response: AnyResponse, stranger: str) -> AnyResponse:
        """Give somebody who is not known yet what their login form belongs to."""
        return self._give(response, self._stranger, stranger)

    def form_token(self, cookie: str) -> str:
        """For the forms of a page, another on every page, so that no compression gives it away."""
        return str(self._serializer.dumps(secrets.token_urlsafe(9), salt=FORM + cookie))

    def admits(self, request: Request, token: object, cookie: str) -> bool:
        """Whether a form of ours, shown to the browser with this cookie, was sent from one of our pages."""
        try:
            self._serializer.loads(str(token)[:MAX_LENGTH], salt=FORM + cookie)
        except (BadData, UnicodeError):
            return False
        return bool(cookie) and self._is_from_here(request)

    def _is_from_here(self, request: Request) -> bool:
        """Whether the browser says that one of our own pages sent it. Every browser says its origin."""
        schemes = ("https",) if self._secure else ("https", "http")
        origins = {f"{scheme}://{request.headers.get('host')}" for scheme in schemes}
        site = request.headers.get("sec-fetch-site", "same-origin")  # which old ones do not know
        return site == "same-origin" and request.headers.get("origin") in origins

    def _give(self, response: AnyResponse, name: str, value: str) -> AnyResponse:
        """Until the browser is closed. No other site brings it along, and no script reads it."""
        response.set_cookie(name, value, secure=self._secure, httponly=True, samesite="strict")
        return response
