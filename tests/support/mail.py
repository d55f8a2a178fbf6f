"""A real mail server on this machine, that keeps what it is handed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from fairground.kit.mail import Security, SmtpMailer, SmtpServer


class Mailbox:
    """What the server was handed, and what it answers (`refusal`: "451 busy", "550 no such user")."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusal: str | None = None

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take or refuse a receiver."""
        if self.refusal is not None:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """Keep a letter."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.letters.append(message)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """List what was sent to an address."""
        return [letter for letter in self.letters if letter["X-Envelope-To"] == address]

    def last_to(self, address: str) -> EmailMessage:
        """Give the last letter to an address."""
        return self.to(address)[-1]


def plain_text(letter: EmailMessage) -> str:
    """Give the plain text of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[Mailbox, SmtpMailer]]:
    """Run a mail server on a free port; give its mailbox and a mailer that sends there."""
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="mail.test"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sender = "Fairground <fair@example.org>"
    try:
        yield mailbox, SmtpMailer(SmtpServer("127.0.0.1", port, Security.PLAIN, timeout=5), sender)
    finally:
        server.close()
        await server.wait_closed()
