import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from fairground.kit.mail import (
    Letter,
    LetterRefused,
    MailUnavailable,
    OutboxMailer,
    Security,
    SmtpMailer,
    SmtpServer,
    compose,
)
from tests.faults.test_fetch import certificate

NOW = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
SENDER = "集市 Fairground <hello@market.example>"
LETTER = Letter(
    "ann@example.org",
    "你的包裹在路上 – your parcel",
    "Hello Ann,\n.\nFrom here on\n" + "长" * 500,
    "<p>Hello <b>Ann</b></p>",
    {"List-Unsubscribe": "<https://market.example/quiet>"},
)


class Post:
    """Takes letters in, or refuses them with a reply of its own."""

    def __init__(self, reply: str = "250 OK", at_recipient: str = "250 OK") -> None:
        self.reply = reply
        self.at_recipient = at_recipient
        self.letters: list[tuple[str | None, list[str], EmailMessage]] = []

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.letters.append((envelope.mail_from, envelope.rcpt_tos, message))
        return self.reply


@asynccontextmanager
async def post_office(post: Post, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: SMTP(post, hostname="localhost", **options), "127.0.0.1", 0, ssl=tls)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


def mailer(port: int, trust: ssl.SSLContext | None = None, **more: Any) -> SmtpMailer:
    settings = {"security": Security.PLAIN, "timeout": 5.0} | more
    return SmtpMailer(SmtpServer("localhost", port, **settings), SENDER, trust=trust)


def says_what_was_written(message: EmailMessage) -> None:
    assert message["To"] == "ann@example.org"
    assert message["From"] == SENDER
    assert message["Subject"] == LETTER.subject
    assert message["Date"] == "Fri, 01 May 2026 08:30:00 +0000"
    assert message["List-Unsubscribe"] == "<https://market.example/quiet>"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == LETTER.text.split("\n")
    assert html.get_content().strip() == LETTER.html


async def test_letter_arrives_as_it_was_written() -> None:
    post = Post()
    async with post_office(post) as port:
        message_id = await mailer(port).send(LETTER, NOW)
    [(sender, recipients, message)] = post.letters
    assert (sender, recipients) == ("hello@market.example", ["ann@example.org"])
    assert message["Message-ID"] == message_id
    assert message_id.endswith("@market.example>")
    says_what_was_written(message)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_letter_goes_by_a_closed_way_to_the_right_server_only(tmp_path: Path, security: Security) -> None:
    pem, context = certificate(tmp_path, "localhost")
    trusting = ssl.create_default_context(cafile=str(pem))

    def right(_server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"market", b"secret"))

    options: dict[str, Any] = {"authenticator": right, "auth_required": True}
    if security is Security.TLS:
        options |= {"tls": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": True}
    post = Post()
    async with post_office(post, **options) as port:
        known: dict[str, Any] = {"security": security, "username": "market", "password": "secret"}
        await mailer(port, trusting, **known).send(LETTER, NOW)
        for unfit in (mailer(port, None, **known), mailer(port, trusting, **(known | {"password": "wrong"}))):
            with pytest.raises(MailUnavailable):
                await unfit.send(LETTER, NOW)
    assert len(post.letters) == 1


async def test_starttls_is_demanded_from_a_server_that_has_none() -> None:
    post = Post()
    async with post_office(post) as port:
        with pytest.raises(MailUnavailable):
            await mailer(port, security=Security.STARTTLS).send(LETTER, NOW)
    assert post.letters == []


@pytest.mark.parametrize(
    ("post", "trouble"),
    [
        (Post("554 no spam here"), LetterRefused),
        (Post("451 try later"), MailUnavailable),
        (Post(at_recipient="550 no such person"), LetterRefused),
        (Post(at_recipient="450 mailbox full"), MailUnavailable),
    ],
)
async def test_refusals_for_good_and_for_now_are_told_apart(post: Post, trouble: type[Exception]) -> None:
    async with post_office(post) as port:
        with pytest.raises(trouble):
            await mailer(port).send(LETTER, NOW)
    assert post.letters == []


async def test_absent_and_silent_servers_are_unavailable() -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    with pytest.raises(MailUnavailable):
        await mailer(port, timeout=0.2).send(LETTER, NOW)
    listener.close()
    with pytest.raises(MailUnavailable):
        await mailer(port, timeout=0.2).send(LETTER, NOW)


def test_no_line_of_a_letter_becomes_a_header() -> None:
    letter = Letter(
        "ann@example.org", "Hi\r\nBcc: eve@example.org\n\nBody\u2028X: y", "text\r\n.\r\nMAIL FROM:<x@y.z>\r\n"
    )
    message = email.message_from_bytes(compose(letter, SENDER, NOW).as_bytes(), policy=email.policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi  Bcc: eve@example.org  Body X: y"
    for headers in (
        {"X-A": "b\r\nBcc: eve@example.org"},
        {"X-A\r\nBcc": "b"},
        {"Bcc": "eve@example.org"},
        {"to": "x"},
        {"": "x"},
    ):
        with pytest.raises(ValueError, match="not a header"):
            compose(Letter("ann@example.org", "Hi", "text", headers=headers), SENDER, NOW)


@pytest.mark.parametrize(
    "to",
    [
        "", "ann", "ann@", "@example.org", "ann@example.org, eve@example.org", "ann@example.org\r\nBcc: eve@example.org",  # noqa: E501
        "Ann <ann@example.org>", "ann@example.org;eve@example.org", '"a b"@example.org', "ann @example.org",
        "ann@exa mple.org", "a@b@c.org", "ann@[127.0.0.1]", "a" * 65 + "@example.org", "ann@example.org\x00",
    ],
)  # fmt: skip
async def test_what_is_not_one_plain_address_is_refused(to: str, tmp_path: Path) -> None:
    with pytest.raises(LetterRefused):
        await OutboxMailer(tmp_path / "outbox", SENDER).send(Letter(to, "Hi", "text"), NOW)
    assert not (tmp_path / "outbox").exists()


async def test_outbox_keeps_letters_that_mail_programs_open(tmp_path: Path) -> None:
    outbox = OutboxMailer(tmp_path / "data" / "outbox", SENDER)
    sent = {await outbox.send(LETTER, NOW) for _ in range(20)}
    files = sorted((tmp_path / "data" / "outbox").iterdir())
    assert len(files) == len(sent) == 20
    assert all(file.suffix == ".eml" and file.stat().st_mode & 0o077 == 0 for file in files)
    assert files[0].name.startswith("20260501T083000-")
    for file in files:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        assert message["Message-ID"] in sent
        says_what_was_written(message)


async def test_outbox_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_bytes(b"a file where the folder should be")
    with pytest.raises(MailUnavailable):
        await OutboxMailer(tmp_path / "outbox", SENDER).send(LETTER, NOW)


def test_addresses_in_other_scripts_are_written_for_the_wire() -> None:
    assert compose(Letter("ann@bücher.example", "Hi", "text"), SENDER, NOW)["To"] == "ann@xn--bcher-kva.example"
