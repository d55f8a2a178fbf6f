"""Letters in the folder of a market without a mail server."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.support.mail import plain_text

_LINK = re.compile(r"https?://\S+")


def find_link(outbox: Path, receiver: str, path: str) -> str | None:
    """Find the link to a path in the letters to somebody."""
    # One that begins with a dot is still being written.
    for file in sorted(outbox.glob("[!.]*.eml")):
        letter = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        if receiver in str(letter["To"]):
            for link in _LINK.findall(plain_text(letter)):
                if urlsplit(link).path == path:
                    return str(link)
    return None


def find_token(outbox: Path, receiver: str, path: str) -> str:
    """Give the token of such a link."""
    link = find_link(outbox, receiver, path)
    assert link is not None, f"no letter to {receiver} leads to {path}"
    return parse_qs(urlsplit(link).query)["token"][0]
