"""Signatures of the sandbox protocol: HMAC-SHA-256 over moment, path and body, so that none can be replayed later.

The header reads `t=1750000000,v1=HEX`; what is signed is `t`, a line break, what the message is for (a webhook, or
method and path of a request), a line break, and the body.
"""

import hmac
import re
from datetime import datetime
from typing import Final

HEADER: Final = "sandbox-signature"
WEBHOOK: Final = "webhook"
TOLERANCE_SECONDS: Final = 300
_FORM: Final = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, purpose: str, body: bytes, now: datetime) -> str:
    """Make the header's value for a message."""
    moment = int(now.timestamp())
    return f"t={moment},v1={_mac(secret, moment, purpose, body)}"


def is_signed(secret: str, purpose: str, body: bytes, header: str | None, now: datetime) -> bool:
    """Tell whether a message is from who shares the secret, for this purpose, and of these minutes."""
    match = _FORM.fullmatch(header or "")
    if match is None:
        return False
    moment = int(match[1])
    right = hmac.compare_digest(_mac(secret, moment, purpose, body), match[2])
    return right and abs(now.timestamp() - moment) <= TOLERANCE_SECONDS


def _mac(secret: str, moment: int, purpose: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), f"{moment}\n{purpose}\n".encode() + body, "sha256").hex()
