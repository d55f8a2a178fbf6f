"""Letters: composed once, sent by SMTP or laid into an outbox folder."""

import asyncio
import email.utils
import os
import re
import secrets
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

import aiosmtplib
import msgspec

from fairground.kit.errors import N_, Trouble, Unavailable

_LINE_MOST: Final = 900  # RFC 5322 allows 998
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_OURS: Final = frozenset({"to", "from", "subject", "date", "message-id", "cc", "bcc", "sender", "return-path"})
# What we send mail to, not what RFC 5322 allows: no comments, no quotes, no address literals.
_MAILBOX: Final = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,253}")


class _Wire(Compat32):
    """Writes a header that needs no folding as it stands: looked at word by word it costs as much as all the rest."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write one header."""
        if isinstance(value, str) and value.isascii() and len(name) + len(value) < _LINE_MOST:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_WIRE: Final = _Wire(linesep="\r\n", max_line_length=998)


class LetterRefused(Trouble):
    """The letter cannot be sent to this address, now or later; do not try again."""

    code = "mail.refused"
    message = N_("The mail server refused this letter.")


class MailUnavailable(Unavailable):
    """The mail server is away or busy; try again later."""

    code = "mail.unavailable"
    message = N_("Letters cannot be sent right now.")


class Letter(msgspec.Struct, frozen=True):
    """A letter to one person; `headers` are further ones (`List-Unsubscribe`), never those of address and subject."""

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = {}


class Mailer(Protocol):
    """Sends letters."""

    async def send(self, letter: Letter, now: datetime) -> str:
        """Send a letter and give its message id.

        Raises:
            LetterRefused, MailUnavailable
        """


class Security(StrEnum):
    """How the way to the mail server is closed: from the start, by STARTTLS (demanded), or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


class SmtpServer(msgspec.Struct, frozen=True):
    """Where to hand in letters; `timeout` in seconds for each step."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = None
    timeout: float = 20.0


class SmtpMailer:
    """Sends letters through a mail server, one connection each."""

    def __init__(self, server: SmtpServer, sender: str, *, trust: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._trust = trust

    async def send(self, letter: Letter, now: datetime) -> str:
        """Send a letter and give its message id."""
        message = compose(letter, self._sender, now)
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.security is Security.TLS,
                start_tls=server.security is Security.STARTTLS,
                timeout=server.timeout,
                tls_context=self._trust,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _trouble(max(refused.code for refused in error.recipients)) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailUnavailable(retry_after=300) from error  # our setting is wrong, not the letter
        except aiosmtplib.SMTPResponseException as error:
            raise _trouble(error.code) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUnavailable(retry_after=60) from error
        return str(message["Message-ID"])


class OutboxMailer:
    """Lays letters into a folder as `.eml` files, which mail programs open: for one machine without a mail server."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, letter: Letter, now: datetime) -> str:
        """Write a letter and give its message id."""
        message = compose(letter, self._sender, now)
        message_id = str(message["Message-ID"])
        name = f"{now:%Y%m%dT%H%M%S}-{re.sub(r'[^0-9a-z]', '', message_id.partition('@')[0])[-24:]}.eml"
        try:
            await asyncio.to_thread(self._write, name, message.as_bytes())
        except OSError as error:
            raise MailUnavailable(retry_after=60) from error
        return message_id

    def _write(self, name: str, data: bytes) -> None:
        fresh = self._folder / f".{name}"
        try:
            file = _open_private(fresh)
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = _open_private(fresh)
        with os.fdopen(file, "wb", buffering=0) as out:
            out.write(data)
        fresh.replace(self._folder / name)


def _open_private(path: Path) -> int:
    # For nobody else's eyes: letters carry links that sign people in.
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def compose(letter: Letter, sender: str, now: datetime) -> "Message[Any, Any]":
    """Make the message: plain text, an HTML part if there is one, and only headers that stay on their line.

    Written with the older classes of `email`: the newer ones read each header back into a tree, four times the work.

    Raises:
        LetterRefused: the address is none we could send to.
        ValueError: a header of our own making is malformed.
    """
    name, mailbox = email.utils.parseaddr(sender)
    message: Message[Any, Any] = _part(letter.text, "plain")
    if letter.html is not None:
        # A boundary nobody can guess is in none of the parts; left to choose, the library searches them for its own.
        boundary = f"=_{secrets.token_hex(16)}"
        message = MIMEMultipart("alternative", boundary, [message, _part(letter.html, "html")], policy=_WIRE)
    message["From"] = email.utils.formataddr((name, mailbox))
    message["To"] = _address(letter.to)
    message["Subject"] = _text_header(_CONTROL.sub(" ", letter.subject)[:200].strip())
    message["Date"] = email.utils.format_datetime(now)
    message["Message-ID"] = email.utils.make_msgid(domain=mailbox.partition("@")[2] or None)
    for header, value in letter.headers.items():
        if not _HEADER.fullmatch(header) or header.lower() in _OURS or _CONTROL.search(value):
            raise ValueError(f"not a header for a letter: {header!r}")
        message[header] = value if value.isascii() else _text_header(value)
    return message


def _part(text: str, kind: str) -> MIMEText:
    is_plain = text.isascii() and all(len(line) < _LINE_MOST for line in text.splitlines())
    return MIMEText(text, kind, "us-ascii" if is_plain else "utf-8", policy=_WIRE)


def _text_header(text: str) -> Header | str:
    return text if text.isascii() else Header(text, "utf-8")


def _address(mailbox: str) -> str:
    if not _MAILBOX.fullmatch(mailbox):
        raise LetterRefused
    name, _, domain = mailbox.rpartition("@")
    try:
        # Read as an address once more: what it cannot be written as, no server takes.
        return str(Address(username=name, domain=domain if domain.isascii() else domain.encode("idna").decode()))
    except (ValueError, UnicodeError) as error:
        raise LetterRefused from error


def _trouble(code: int) -> Trouble:
    """Tell for good (5xx) from for now (4xx), RFC 5321 4.2.1."""
    return LetterRefused() if code >= 500 else MailUnavailable(retry_after=60)
