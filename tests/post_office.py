"""A real SMTP server in this process, to see what is mailed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from socket import create_server, socket
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.listening import stop_listening


class PostOffice:
    """A real SMTP server that keeps what it is given, once it is open."""

    port: int

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.encrypted = False
        self.open = asyncio.Event()
        self.reply = self.recipient_reply = "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self.recipient_reply == "250 OK":
            envelope.rcpt_tos.append(address)
        return self.recipient_reply

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, as aiosmtpd asks its handlers to."""
        await self.open.wait()
        if self.reply != "250 OK":
            return self.reply
        content = cast("bytes", envelope.content)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.encrypted = session.ssl is not None
        return "250 OK"


@asynccontextmanager
async def post_office(
    listener: socket | None = None,
    **options: Any,  # noqa: ANN401 - aiosmtpd's own
) -> AsyncIterator[PostOffice]:
    """An open port that takes mail until the block ends: the one given, or any."""
    office, let_in = PostOffice(), list[SMTP]()
    loop = asyncio.get_running_loop()

    def receive() -> SMTP:
        let_in.append(SMTP(office, loop=loop, hostname="localhost", **options))
        return let_in[-1]

    server = await loop.create_server(receive, sock=listener or create_server(("127.0.0.1", 0)))
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        await stop_listening(server)
        for each in let_in:
            if each.transport:
                each.transport.close()
        await asyncio.sleep(0)


def text(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
