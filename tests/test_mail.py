"""The welcome mail: sent by a real SMTP conversation, after the answer, and never at its expense."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from httpx2 import AsyncClient

from app.core.config import Settings
from app.main import create_app
from tests.processes import eventually, free_port
from tests.support import PASSWORD, make_settings, open_client, running

ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Lovelace"}
LOGIN = LoginPassword(b"shop", b"smtp-secret")


class PostOffice:
    """A real SMTP server that keeps what it is given, once it is open."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self.open = asyncio.Event()

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        await self.open.wait()
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, EmailMessage, policy=policy.default))
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


async def test_x() -> None: ...
